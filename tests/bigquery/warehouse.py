"""The emulator seen through Google's client."""

import grpc
import pyarrow
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, bigquery_storage_v1
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

PROJECT = "simclusters-local"
TEXT_INPUTS = "text_inputs"
"""Dataset of the input tables that ``make_text_inputs`` writes."""


class Warehouse:
    """The client, and the reader of whole tables that goes with it.

    Parameters
    ----------
    address, storage_address : as ``emulator.py`` prints them
    """

    def __init__(self, address: str, storage_address: str) -> None:
        self.client = bigquery.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options={"api_endpoint": address})
        channel = grpc.insecure_channel(storage_address, options=[("grpc.max_receive_message_length", -1)])
        self._storage = bigquery_storage_v1.BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))

    def read(self, relation: str, where: str = "") -> pyarrow.Table:
        """The rows of a table or view."""
        rows = self.client.query_and_wait(f"select * from {relation} {where}")
        return rows.to_arrow(bqstorage_client=self._storage)

    def make_text_inputs(self, manifest: dict) -> None:
        """A source table per input, made of the sample, with every column as text: the untidiest that a user can have."""
        self.client.create_dataset(TEXT_INPUTS, exists_ok=True)
        for source in manifest["sources"].values():
            seed = manifest["nodes"][f"seed.{source['package_name']}.raw_{source['name']}"]
            columns = ", ".join(f"cast({name} as string) as {name}" for name in seed["columns"])
            table = f"`{PROJECT}`.`{TEXT_INPUTS}`.`{source['name']}`"
            self.client.query_and_wait(f"create table {table} as select {columns} from {seed['relation_name']}")
