"""Writes what CloudFormation makes of a SAM template, offline. Usage: transform_template.py TEMPLATE OUTPUT"""

import json
import sys
from unittest.mock import MagicMock

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.translator import Translator
from samtranslator.parser.parser import Parser

with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml_parse(file.read())
# Code is uploaded before a deployment; here it only has to be somewhere.
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://bucket/key"
translated = Translator({}, Parser()).translate(template, {"AWS::Region": "us-east-1"}, MagicMock())
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(translated, file, indent=1)
