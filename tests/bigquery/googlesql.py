"""Google's own SQL analyser (ZetaSQL, the front end of BigQuery) as a function from SQL text to column names and types.

The ``zetasql`` package carries the analyser as WebAssembly. Its Python classes for the syntax tree are slow on large queries and
not needed here, so this module talks to the analyser in its own messages.
"""

import ctypes
import pathlib
from dataclasses import dataclass, field

from google.protobuf import empty_pb2
from wasmtime import Engine, Module
from zetasql.core import wasm_client
from zetasql.core.exceptions import ZetaSQLError
from zetasql.wasi import get_wasm_path
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2
from zetasql.wasi._pb2.zetasql.proto import function_pb2, options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import function_pb2 as function_enums
from zetasql.wasi._pb2.zetasql.public import options_pb2 as language_pb2
from zetasql.wasi._pb2.zetasql.public import type_pb2

Columns = dict[str, str]
"""Column name to type name (``int64``, ``float64``, ``array<date>``), in order."""

Name = tuple[str, ...]
"""Parts of a table's or function's name, as BigQuery writes them: project, dataset, table."""

TYPE_NAMES = {"double": "float64", "float": "float32"}
MOST_CATALOGS = 100
"""Catalogs that the analyser keeps. Each holds all built-in functions of BigQuery, in the 4 GB that WebAssembly can address."""


class SqlError(Exception):
    """The analyser refused a statement. The text says what and where."""


@dataclass
class Statement:
    """What the analyser found out about one statement.

    ``kind`` is its name in the analyser (``Query``, ``CreateTableAsSelect``, ``Merge``, ...); ``name`` the object that a create
    statement makes; ``columns`` what its query selects, before any conversion to declared columns; empty without a query.
    """

    kind: str
    name: Name = ()
    columns: Columns = field(default_factory=dict)


@dataclass
class Catalog:
    """The relations and table functions that statements may name, and the variables of the script they stand in."""

    relations: dict[Name, Columns] = field(default_factory=dict)
    functions: dict[Name, function_pb2.TableValuedFunctionProto] = field(default_factory=dict)
    variables: Columns = field(default_factory=dict)


class Analyzer:
    """One loaded analyser.

    Parameters
    ----------
    cache_folder : where the compiled WebAssembly is kept; compiling takes half a minute of processor time, loading it no time
    """

    def __init__(self, cache_folder: pathlib.Path) -> None:
        self._client = _connect(cache_folder)
        language = self._client.call_grpc_func(
            "ZetaSqlLocalService_GetLanguageOptions",
            local_service_pb2.LanguageOptionsRequest(maximum_features=True),
            options_pb2.LanguageOptionsProto,
        )
        # The types and functions that BigQuery offers, not those of Google's internal engines.
        language.product_mode = language_pb2.PRODUCT_EXTERNAL
        del language.supported_statement_kinds[:]
        self._language = language
        self._registered: dict[bytes, int] = {}

    def analyze_script(self, sql: str, catalog: Catalog) -> list[Statement]:
        """Analyse every statement of ``sql`` in order; variables and tables that one makes are known to the next.

        Relations made on the way stay in ``catalog``. Raises SqlError.
        """
        script = self._call(
            "ZetaSqlLocalService_Parse",
            local_service_pb2.ParseRequest(sql_statement=sql, options=self._language, allow_script=True),
            local_service_pb2.ParseResponse,
        ).parsed_script
        text = sql.encode()
        statements = []
        catalog.variables = {}
        for parsed in script.statement_list_node.statement_list:
            node = _concrete(parsed)
            statements.append(self._analyze_parsed(node, _text(node, text), text, catalog))
        return statements

    def analyze(self, sql: str, catalog: Catalog) -> Statement:
        """Analyse one statement. A relation or table function that it creates is added to ``catalog``. Raises SqlError."""
        response = self._call(
            "ZetaSqlLocalService_Analyze",
            local_service_pb2.AnalyzeRequest(
                sql_statement=sql,
                options=options_pb2.AnalyzerOptionsProto(language_options=self._language),
                registered_catalog_id=self._registered_catalog(sql, catalog),
            ),
            local_service_pb2.AnalyzeResponse,
        )
        node = _concrete(response.resolved_statement)
        statement = Statement(
            kind=node.DESCRIPTOR.name.removeprefix("Resolved").removesuffix("StmtProto"),
            name=tuple(_inherited(node, "name_path") or ()),
            columns={output.name.lower(): type_name(output.column.type) for output in _inherited(node, "output_column_list") or ()},
        )
        if statement.kind == "CreateTableFunction":
            catalog.functions[statement.name] = _table_function(statement, node.signature)
        elif statement.kind.startswith("Create") and statement.columns:
            catalog.relations[statement.name] = statement.columns
        return statement

    def _analyze_parsed(self, node, sql: str, script: bytes, catalog: Catalog) -> Statement:
        kind = node.DESCRIPTOR.name.removeprefix("AST").removesuffix("Proto")
        if kind == "VariableDeclaration":
            declared = self.analyze(f"select cast(null as {_text(_concrete(node.type), script)}) as declared", catalog)
            for variable in node.variable_list.identifier_list:
                catalog.variables[variable.id_string] = declared.columns["declared"]
            return Statement(kind)
        if kind in ("SingleAssignment", "AssignmentFromStruct"):
            value = _concrete(node.expression if kind == "SingleAssignment" else node.struct_expression)
            self.analyze(f"select {_text(value, script)} as assigned", catalog)
            return Statement(kind)
        statement = self.analyze(sql, catalog)
        if kind == "CreateTableStatement" and _inherited(node, "table_element_list").ByteSize() and node.HasField("query"):
            # A declared column converts what the query gives (an integer becomes a float), so the query is asked alone.
            statement.columns = self.analyze(_text(node.query, script), catalog).columns
        return statement

    def _registered_catalog(self, sql: str, catalog: Catalog) -> int:
        """The number of the catalog that the statement needs: to make one takes longer than most statements."""
        message = self._catalog_message(sql, catalog)
        key = message.SerializeToString(deterministic=True)
        if key not in self._registered:
            if len(self._registered) == MOST_CATALOGS:
                oldest = self._registered.pop(next(iter(self._registered)))
                self._call(
                    "ZetaSqlLocalService_UnregisterCatalog", local_service_pb2.UnregisterRequest(registered_id=oldest), empty_pb2.Empty
                )
            answer = self._call(
                "ZetaSqlLocalService_RegisterCatalog",
                local_service_pb2.RegisterCatalogRequest(simple_catalog=message),
                local_service_pb2.RegisterResponse,
            )
            self._registered[key] = answer.registered_id
        # The catalog used last comes last.
        self._registered[key] = self._registered.pop(key)
        return self._registered[key]

    def _catalog_message(self, sql: str, catalog: Catalog) -> simple_catalog_pb2.SimpleCatalogProto:
        """The part of the catalog that the statement can mean: analysis costs by the size of what it is sent."""
        root = simple_catalog_pb2.SimpleCatalogProto(name="root")
        root.builtin_function_options.language_options.CopyFrom(self._language)
        folders: dict[Name, simple_catalog_pb2.SimpleCatalogProto] = {(): root}

        def folder(path: Name) -> simple_catalog_pb2.SimpleCatalogProto:
            if path not in folders:
                folders[path] = folder(path[:-1]).catalog.add(name=path[-1])
            return folders[path]

        for name, columns in catalog.relations.items():
            if name[-1] in sql:
                table = folder(name[:-1]).table.add(name=name[-1])
                for column_name, column_type in columns.items():
                    table.column.add(name=column_name, type=type_message(column_type))
        for name, function in catalog.functions.items():
            if name[-1] in sql:
                folder(name[:-1]).custom_tvf.add().CopyFrom(function)
        for variable, variable_type in catalog.variables.items():
            constant = root.constant.add(name_path=[variable], type=type_message(variable_type))
            constant.value.SetInParent()
        return root

    def _call(self, method: str, request, response_type):
        try:
            return self._client.call_grpc_func(method, request, response_type)
        except ZetaSQLError as error:
            raise SqlError(str(error)) from error


def type_name(message: type_pb2.TypeProto) -> str:
    """``int64``, ``float64``, ``array<date>`` ...: the type as the contracts spell it."""
    kind = type_pb2.TypeKind.Name(message.type_kind).removeprefix("TYPE_").lower()
    if kind == "array":
        return f"array<{type_name(message.array_type.element_type)}>"
    return TYPE_NAMES.get(kind, kind)


def type_message(name: str) -> type_pb2.TypeProto:
    """The inverse of ``type_name``."""
    if name.startswith("array<"):
        message = type_pb2.TypeProto(type_kind=type_pb2.TYPE_ARRAY)
        message.array_type.element_type.CopyFrom(type_message(name[len("array<") : -1]))
        return message
    analyzer_name = {contract: analyzer for analyzer, contract in TYPE_NAMES.items()}.get(name, name)
    return type_pb2.TypeProto(type_kind=type_pb2.TypeKind.Value(f"TYPE_{analyzer_name.upper()}"))


def _table_function(statement: Statement, signature: function_pb2.FunctionSignatureProto):
    function = function_pb2.TableValuedFunctionProto(
        name_path=statement.name[-1:], type=function_enums.FunctionEnums.FIXED_OUTPUT_SCHEMA_TVF
    )
    function.signature.CopyFrom(signature)
    schema = function.signature.return_type.options.relation_input_schema
    schema.Clear()
    for column_name, column_type in statement.columns.items():
        schema.column.add(name=column_name, type=type_message(column_type))
    return function


def _connect(cache_folder: pathlib.Path) -> wasm_client.WasmClient:
    """Load the analyser from its compiled form, and copy messages in one piece instead of byte by byte."""
    compiled = cache_folder / "zetasql.cwasm"

    class CachedModule:
        @staticmethod
        def from_file(engine: Engine, path: str) -> Module:
            if not compiled.exists():
                # Renamed when whole, so that a run that is ended here leaves no half file.
                partial = compiled.with_suffix(".partial")
                partial.write_bytes(Module.from_file(engine, path).serialize())
                partial.replace(compiled)
            return Module.deserialize_file(engine, str(compiled))

    class Client(wasm_client.WasmClient):
        def write_bytes(self, ptr: int, data: bytes) -> None:
            ctypes.memmove(self._address(ptr), data, len(data))

        def read_bytes(self, ptr: int, size: int) -> bytes:
            return ctypes.string_at(self._address(ptr), size)

        def _address(self, ptr: int) -> int:
            return ctypes.addressof(self.memory.data_ptr().contents) + ptr

    wasm_client.Module = CachedModule
    return Client(get_wasm_path())


def _concrete(message):
    """The message inside an "any of these" message, which may be nested."""
    while len(message.DESCRIPTOR.oneofs) == 1 and message.DESCRIPTOR.name.startswith("Any"):
        message = getattr(message, message.WhichOneof(message.DESCRIPTOR.oneofs[0].name))
    return message


def _inherited(message, name: str):
    """A field of a message or of one of its parents; None when there is none."""
    while name not in message.DESCRIPTOR.fields_by_name:
        if "parent" not in message.DESCRIPTOR.fields_by_name:
            return None
        message = message.parent
    return getattr(message, name)


def _text(node, script: bytes) -> str:
    """The part of the script that a syntax node stands for."""
    while "parse_location_range" not in node.DESCRIPTOR.fields_by_name:
        node = node.parent
    return script[node.parse_location_range.start : node.parse_location_range.end].decode()
