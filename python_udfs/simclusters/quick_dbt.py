"""What dbt does again for each node and each statement, done once: a quarter of a build of small tables, and two fifths of a parse.

These are functions of dbt, so they are replaced only in the versions that are known here. Others of dbt run as they are.
"""

from __future__ import annotations

import functools
import gc
import re
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

KNOWN_VERSIONS = {
    "dbt-core": "1.11.16",
    "dbt-common": "1.39.0",
    "dbt-adapters": "1.24.5",
    "jinja2": "3.1.6",
    "agate": "1.9.1",
    "mashumaro": "3.14",
    "jsonschema": "4.26.0",
}
MOST_TEMPLATES = 5000


def collect_rarely() -> None:
    """By default the collector visits the million objects of a parsed project again and again, up to a third of the time."""
    gc.set_threshold(50_000, 20, 100)


def quicken_dbt() -> None:
    """Let this process collect rarely, and do once what dbt would do for each node."""
    collect_rarely()
    if all(version(name) == known for name, known in KNOWN_VERSIONS.items()):
        make_macros_when_asked()
        keep_templates()
        keep_type_testers()
        leave_plain_vars()
        keep_modules_and_exceptions()
        keep_macros()
        put_fixtures_first()
        compare_names_first()
        pass_over_unread_events()
        leave_plain_texts()
        accept_what_is_valid()
        leave_plain_defaults()
        write_json_at_once()


class MadeWhenAsked(dict):
    """A dictionary of which some values are made when they are asked for; who looks at all gets all.

    Attributes
    ----------
    waiting : what a value is made of, by key. Shared, so it is only read.
    make : makes the value
    """

    def __init__(self, waiting: dict[str, Any], make: Callable[[Any], Any]) -> None:
        super().__init__()
        self.waiting, self.make = waiting, make

    def __missing__(self, key: str) -> Any:
        value = self[key] = self.make(self.waiting[key])
        return value

    def __bool__(self) -> bool:
        return dict.__len__(self) > 0 or bool(self.waiting)

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or key in self.waiting

    def get(self, key: str, default: Any = None) -> Any:
        # Of a dictionary itself, `get` makes nothing.
        if key not in self:
            return default
        return self[key]

    def _make_all(self) -> None:
        for key in self.waiting:
            self[key]

    def __iter__(self) -> Iterator[str]:
        self._make_all()
        return super().__iter__()

    def __len__(self) -> int:
        self._make_all()
        return super().__len__()

    def keys(self) -> Any:
        self._make_all()
        return super().keys()

    def values(self) -> Any:
        self._make_all()
        return super().values()

    def items(self) -> Any:
        self._make_all()
        return super().items()

    def copy(self) -> dict:
        self._make_all()
        return dict(super().items())


def make_macros_when_asked() -> None:
    """The context of each node has a function for each of 800 macros, and the node calls a few."""
    from dbt.clients.jinja import MacroGenerator
    from dbt.context.macro_resolver import TestMacroNamespace
    from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
    from dbt.context.manifest import ManifestContext
    from dbt_common.clients import jinja

    def build_namespace(self: MacroNamespaceBuilder, macros_by_package: dict[str, dict[str, Any]], ctx: dict) -> MacroNamespace:
        def when_asked(macros: dict[str, Any]) -> MadeWhenAsked:
            return MadeWhenAsked(macros, lambda macro: MacroGenerator(macro, ctx, self.node, self.thread_ctx))

        internal: dict[str, Any] = {}
        for name in reversed(self.internal_package_names_order):
            internal |= macros_by_package.get(name, {})
        ours = {name: macros for name, macros in macros_by_package.items() if name not in self.internal_package_names}
        return MacroNamespace(
            global_namespace=when_asked(ours.get(self.root_package, {}) if self.root_package != self.search_package else {}),
            local_namespace=when_asked(ours.get(self.search_package, {})),
            global_project_namespace=when_asked(internal),
            packages={name: when_asked(macros) for name, macros in ours.items()},
        )

    def names_of(namespace: MacroNamespace) -> dict[str, str]:
        """Every name that a context may look up, by itself."""
        names = dict.fromkeys(namespace.packages)
        for macros in (namespace.global_project_namespace, namespace.global_namespace, namespace.local_namespace):
            names |= dict.fromkeys(macros.waiting)
        return {name: name for name in [*names, "dbt"]}

    def build_context_namespace(self: ManifestContext) -> MacroNamespace:
        self._ctx = MadeWhenAsked({}, lambda name: self.namespace[name])
        return self._get_namespace_builder().build_namespace(self.manifest.get_macros_by_package(), self._ctx)

    to_dict_before = ManifestContext.to_dict

    def to_dict(self: ManifestContext) -> dict:
        if isinstance(self.namespace, TestMacroNamespace):
            return to_dict_before(self)
        names = names_of(self.namespace)
        context = super(ManifestContext, self).to_dict()
        for name in dict.keys(context) & names.keys():
            context[name] = self.namespace[name]
        context.waiting = names
        return context

    # Of the arguments of a test, dbt renders each with a copy of the context. For SQL it makes no copy.
    jinja.NativeSandboxTemplate.new_context = jinja.MacroFuzzTemplate.new_context
    MacroNamespaceBuilder.build_namespace = build_namespace
    ManifestContext._build_namespace = build_context_namespace
    ManifestContext.to_dict = to_dict


def keep_templates() -> None:
    """dbt reads each macro twice. It compiles the SQL of a model for each of its unit tests, and a generic test for each table."""
    from dbt_common.clients import jinja

    def once(before: Callable) -> Callable:
        kept: dict[tuple, Any] = {}

        def keep(self: Any, source: Any, *others: Any, **options: Any) -> Any:
            if others or options or not isinstance(source, str) or jinja.MACRO_DEBUGGING:
                return before(self, source, *others, **options)
            key = type(self), source
            if key not in kept:
                if len(kept) >= MOST_TEMPLATES:
                    kept.clear()
                kept[key] = before(self, source)
            return kept[key]

        return keep

    jinja.MacroFuzzEnvironment.parse = once(jinja.MacroFuzzEnvironment.parse)
    jinja.MacroFuzzEnvironment.compile = once(jinja.MacroFuzzEnvironment.compile)


def keep_type_testers() -> None:
    """The types that a value of a result may have are objects of no state, made anew for each result."""
    import agate
    from dbt_common.clients import agate_helper

    build_before = agate_helper.build_type_tester
    types = {nulls: build_before((), nulls)._possible_types for nulls in [(), ("null", "")]}

    def build_type_tester(text_columns: Any, string_null_values: Any = ("null", "")) -> agate.TypeTester:
        known = types[tuple(string_null_values)]
        return agate.TypeTester(force=dict.fromkeys(text_columns, known[-1]), types=known)

    agate_helper.build_type_tester = build_type_tester


def leave_plain_vars() -> None:
    """A var that is text is rendered with a copy of the whole context, also one that holds nothing to render."""
    from dbt.clients.jinja import _HAS_RENDER_CHARS_PAT
    from dbt.context.base import Var

    render_before = Var.get_rendered_var

    def get_rendered_var(self: Var, name: str) -> Any:
        stored = self._merged[name]
        return stored if isinstance(stored, str) and not _HAS_RENDER_CHARS_PAT.search(stored) else render_before(self, name)

    Var.get_rendered_var = get_rendered_var


def keep_modules_and_exceptions() -> None:
    """Each context has a copy of the same modules, and a wrapper of each exception."""
    from dbt.context import base, exceptions_jinja, providers

    base.get_context_modules = functools.cache(base.get_context_modules)
    providers.wrapped_exports = lambda model: MadeWhenAsked(exceptions_jinja.CONTEXT_EXPORTS, exceptions_jinja.wrapper(model))


def keep_macros() -> None:
    """A macro is made anew at each call, though it looks its names up when it runs."""
    from dbt_common.clients.jinja import BaseMacroGenerator

    get_before = BaseMacroGenerator.get_macro

    def get_macro(self: BaseMacroGenerator) -> Callable:
        if "made" not in self.__dict__:
            self.made = get_before(self)
        return self.made

    BaseMacroGenerator.get_macro = get_macro


WITH = re.compile(r"(?>(?:\s|--[^\n]*\n|/\*.*?\*/)*)with(?:\s+recursive)?\s+", re.IGNORECASE | re.DOTALL)


def put_fixtures_first() -> None:
    """For the place where a unit test puts its rows, dbt takes the whole statement apart. Ours begin with the word."""
    from dbt import compilation

    inject_before = compilation.inject_ctes_into_sql

    def inject(sql: str, ctes: list) -> str:
        beginning = WITH.match(sql)
        if not ctes or not beginning:
            return inject_before(sql, ctes)
        return f"{beginning[0]}{', '.join(cte.sql for cte in ctes)}, {sql[beginning.end() :]}"

    compilation.inject_ctes_into_sql = inject


def compare_names_first() -> None:
    """To find one relation, dbt compares every part of the name of each that it knows, and nearly all have another name."""
    from dbt.adapters.base.impl import BaseAdapter

    match_before = BaseAdapter._make_match

    def plain(name: str) -> str:
        return name.lower().strip('"`')

    def make_match(self: BaseAdapter, relations_list: list, database: str, schema: str, identifier: str) -> list:
        named = [known for known in relations_list if not identifier or plain(known.identifier or "") == plain(identifier)]
        return match_before(self, named, database, schema, identifier)

    BaseAdapter._make_match = make_match


def pass_over_unread_events() -> None:
    """Each statement makes some events for a log, also where there is no log. A callback may name those it reads: debug_events."""
    from dbt.events.logging import track_behavior_change_warn
    from dbt_common.events.base_types import BaseEvent, DebugLevel, EventLevel
    from dbt_common.events.event_manager import EventManager

    init_before, get_before, fire_before = BaseEvent.__init__, BaseEvent.__getattr__, EventManager.fire_event

    def keep_for_later(self: BaseEvent, *args: Any, **kwargs: Any) -> None:
        self.__dict__["later"] = args, kwargs

    def get_made(self: BaseEvent, key: str) -> Any:
        if "pb_msg" not in self.__dict__:
            args, kwargs = self.__dict__["later"]
            init_before(self, *args, **kwargs)
        return self.__dict__["pb_msg"] if key == "pb_msg" else get_before(self, key)

    def fire_read(self: EventManager, e: BaseEvent, level: Any = None, *args: Any, **kwargs: Any) -> None:
        is_debug = isinstance(e, DebugLevel) if level is None else level == EventLevel.DEBUG
        if not is_debug or is_read(self, type(e).__name__):
            fire_before(self, e, level, *args, **kwargs)

    def is_read(manager: EventManager, name: str) -> bool:
        callbacks = [callback for callback in manager.callbacks if callback is not track_behavior_change_warn]
        is_logged = any(logger.level == EventLevel.DEBUG for logger in manager.loggers)
        return is_logged or any(name in getattr(callback, "debug_events", (name,)) for callback in callbacks)

    DebugLevel.__init__ = keep_for_later
    DebugLevel.__getattr__ = get_made
    EventManager.fire_event = fire_read


class PlainTexts(dict):
    """What dbt remembers of texts without anything to render. Those of one line are what they are, so they need not be remembered."""

    def __contains__(self, text: object) -> bool:
        return ("\n" not in text and "\r" not in text) or super().__contains__(text)

    def __missing__(self, text: str) -> str:
        return text


def leave_plain_texts() -> None:
    """dbt compiles each text of a yml file as a template, also one that holds nothing to render."""
    from dbt.clients import jinja

    jinja._render_cache = PlainTexts(jinja._render_cache)


Check = Callable[[Any], bool]
SURE_TYPES = {
    "string": str,
    "object": dict,
    "array": list,
    "null": type(None),
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}
ANNOTATIONS = {"type", "title", "description", "default"}


def is_certainly_valid(schema: dict[str, Any]) -> Check:
    """A check that is true of a value only if the schema allows it (JSON Schema, draft 7).

    False says nothing: the schema may have words that are unknown here.
    """
    checks: list[Check] = []
    if "type" in schema:
        kind = schema["type"]
        if not isinstance(kind, str) or kind not in SURE_TYPES:
            return lambda value: False
        of_kind = SURE_TYPES[kind]
        # True is an integer to Python, and none to JSON.
        if kind in ("integer", "number"):
            checks.append(lambda value: isinstance(value, of_kind) and not isinstance(value, bool))
        else:
            checks.append(lambda value: isinstance(value, of_kind))
    for word, given in schema.items():
        if word in ANNOTATIONS or (word, given) == ("additionalProperties", True):
            continue
        if word == "anyOf":
            checks.append(functools.partial(is_any, [is_certainly_valid(one) for one in given]))
        elif word == "items" and isinstance(given, dict):
            checks.append(functools.partial(are_all, is_certainly_valid(given), list))
        elif word == "propertyNames":
            checks.append(functools.partial(are_all, is_certainly_valid(given), dict))
        elif word == "required":
            checks.append(functools.partial(has_all, given))
        elif word in ("enum", "const"):
            allowed = given if word == "enum" else [given]
            checks.append(functools.partial(is_one_of, frozenset(one for one in allowed if isinstance(one, str)), None in allowed))
        elif word == "pattern":
            checks.append(functools.partial(is_like, re.compile(given)))
        elif word in ("properties", "additionalProperties"):
            if word == "properties" or "properties" not in schema:
                checks.append(check_of_properties(schema))
        else:
            return lambda value: False
    return lambda value: all(check(value) for check in checks)


def is_any(checks: list[Check], value: Any) -> bool:
    return any(check(value) for check in checks)


def are_all(check: Check, kind: type, value: Any) -> bool:
    return not isinstance(value, kind) or all(check(one) for one in value)


def has_all(names: list[str], value: Any) -> bool:
    return not isinstance(value, dict) or all(name in value for name in names)


def is_one_of(texts: frozenset[str], may_be_null: bool, value: Any) -> bool:
    return (isinstance(value, str) and value in texts) or (value is None and may_be_null)


def is_like(pattern: re.Pattern, value: Any) -> bool:
    return not isinstance(value, str) or pattern.search(value) is not None


def check_of_properties(schema: dict[str, Any]) -> Check:
    """Of each property that a value has: those that the schema names, and the others."""
    named = {name: is_certainly_valid(one) for name, one in schema.get("properties", {}).items()}
    others = schema.get("additionalProperties", True)
    of_others = is_certainly_valid(others) if isinstance(others, dict) else lambda value: others

    def check(value: Any) -> bool:
        return not isinstance(value, dict) or all(named.get(name, of_others)(one) for name, one in value.items())

    return check


def accept_what_is_valid() -> None:
    """dbt checks each node by a library that makes an object for every part of it. What is certainly valid needs no such check."""
    from dbt_common.dataclass_schema import dbtClassMixin

    validate_before = dbtClassMixin.validate.__func__
    check_of = functools.cache(lambda cls: is_certainly_valid(cls.json_schema()))

    def validate(cls: type, data: Any) -> None:
        if not check_of(cls)(data):
            validate_before(cls, data)

    dbtClassMixin.validate = classmethod(validate)


def leave_plain_defaults() -> None:
    """For each default of a schema, which nobody reads, a class is made that writes it as JSON. Plain values are JSON."""
    from mashumaro.jsonschema import schema

    default_before = schema._default

    def default(kind: Any, value: Any, config: type) -> Any:
        return value if value is None or type(value) in (bool, int, float, str) else default_before(kind, value, config)

    schema._default = default


def write_json_at_once() -> None:
    """Into a file, json writes bit by bit and in Python. Into a text it writes at once, and in C."""
    import json
    from types import SimpleNamespace

    from dbt_common.clients import system

    def dump(data: Any, file: Any, **options: Any) -> None:
        file.write(json.dumps(data, **options))

    system.json = SimpleNamespace(**vars(json) | {"dump": dump})
