#!/bin/sh
# An audit of a copied ledger, without the machine that wrote it and without any configuration.
# The public key came by another way than the ledger did: `prodaccess audit key`, once, at the start.
#
#   audit.sh LEDGER-FOLDER PUBLIC-KEY-FILE OUTPUT-FOLDER
set -eu
ledger=$1
key=$2
output=$3

prodaccess audit verify --ledger "$ledger" --key "$key"
prodaccess audit anomalies --ledger "$ledger"
prodaccess audit search --ledger "$ledger" --effect destructive
prodaccess audit report --framework soc2 --from 90d --ledger "$ledger" --key "$key" > "$output/soc2.html"
prodaccess audit export --format csv --pseudonyms --ledger "$ledger" > "$output/records.csv"
prodaccess audit verify --ledger "$ledger" --key "$key" --proof 1 > "$output/first-record.proof"
prodaccess audit verify --check-proof "$output/first-record.proof" --key "$key"
