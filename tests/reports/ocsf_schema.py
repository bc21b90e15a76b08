"""Prints the JSON Schema of OCSF's Data Security Finding, as ocsf-json-schema carries it."""

import json
import sys

from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.8.0"))
json.dump(schema.get_class_schema("data_security_finding", profiles=["data_classification"]), sys.stdout)
