"""Makes transactions of moto_server cheaper. Python imports this file if its folder is in PYTHONPATH.

Before each transaction moto copies the whole table, once for each of its items, in case it must roll back. That is
quadratic in a test, and took most of its time. Here a copy shares the items, and an update replaces its item
instead of changing it, so the copy stays as it was. If moto no longer has these parts, it runs as it is.
"""

import copy
from collections import defaultdict


def share_items():
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import Table

    update_item = DynamoDBBackend.update_item

    def table_copy(table, _memo):
        same = copy.copy(table)
        same.items = defaultdict(dict)
        for key, rows in table.items.items():
            same.items[key] = dict(rows) if isinstance(rows, dict) else rows
        return same

    def update_of_copy(self, table_name, key, *args, **kwargs):
        table = self.get_table(table_name)
        hash_key, range_key = table.hash_key_attr, table.range_key_attr
        if range_key is not None and hash_key in key and range_key in key:
            hash_value, range_value = self.get_keys_value(table, key)
            item = table.get_item(hash_value, range_value)
            if item is not None:
                table.items[hash_value][range_value] = copy.deepcopy(item)
        return update_item(self, table_name, key, *args, **kwargs)

    Table.__deepcopy__ = table_copy
    DynamoDBBackend.update_item = update_of_copy


try:
    share_items()
except (ImportError, AttributeError):
    pass
