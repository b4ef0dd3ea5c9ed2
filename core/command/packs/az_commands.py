#!/usr/bin/env python3
"""Writes az_commands.tsv: every command of the Azure CLI, with what it does.

Source: the command table of azure-cli 2.91.0 (PyPI), extensions left out. Needs it; the table is
checked in.

    python3 az_commands.py > az_commands.tsv

A row: VERB <TAB> effect <TAB> template of az.toml <TAB> kind <TAB> nothing <TAB> the long options of what
changes something, without their dashes, but those that az.toml lists for all commands. The class is that
of the first line of RULES whose pattern is found in the command, else of the last word's verb, else opaque.
"""
import os
import re
import sys
import tomllib

from azure.cli.core import get_default_cli

# Patterns over the whole command ("vm run-command invoke"), tried in order.
RULES = [
    ("exfil client_credential", r"^account get-access-token$|^acr login$"),
    ("read", r"^(find|feedback|version|rest help)$| wait$| preview-configuration |federated-credential (list|show)$|^ad .* credential list$"
             r"|^(keyvault|sql (server|mi)|mysql server|synapse workspace) key (list|show)$|^sshkey list$|secret list$|stream$|message peek$"
             r"|^keyvault (key|certificate) download$|^(group|deployment|stack|ts|container|network \S+|synapse) (.*)?export$|summarize$|list_by|list-state$"),
    ("privilege", r"^(login|logout)$|^account clear$"),
    ("opaque", r"^(rest|interactive|ssh|next)$|run-command (invoke|create|update)$| exec$| ssh$|^acr run$| invoke$"
               r"|^deployment( \w+)? create$|^deployment-scripts create$|^stack .*create$|^ts create$| execute$| connect$"
               r"|^containerapp up$|^webapp up$|^aks command invoke$|^containerapp job start$|^vm repair run$"),
    ("read", r" (list|show)-(deleted|deleted-\w+)$"),
    ("exfil", r"list-keys$|show-keys$|keys? list$|list-connection-strings?$|show-connection-string$"
              r"|connection-string (list|show)$|generate-sas$|list-publishing-(credentials|profiles)$|list-read-only-keys$"
              r"|credential (show|list)$|list-credentials$|show-secret$|secret (show|download|backup)$|get-sas-urls$"
              r"|get-encryption-key$|get-admin-kubeconfig$|appsettings list$|list-client-tokens$|key decrypt$"
              r"|grant-access$|(download|download-batch|export|export-artifacts)$|keyvault backup|(key|certificate) backup$"
              r"|show-cd-url$|^storage copy$|list-secrets$|authentication-key show$|auth-key list$|primary-key$"),
    ("privilege", r"^role (assignment|definition) (create|update|delete)"
                  r"|^ad .*(create|update|delete|add|remove|reset|grant|admin-consent|create-for-rbac|set|sync)(-\w+)*$"
                  r"|nsg rule (create|update|delete)$|(firewall-rule|network-rule|vnet-rule|virtual-network-rule|access-restriction"
                  r"|ip-filter-rule|ip-rule) (?!list|show)|access-policy(-assignment)? (?!list|show)|(set|delete)-policy$|container policy (?!list|show)"
                  r"|identity (assign|create|remove|delete|update)$|federated-credential (?!list|show)|network-acl update$|admin-consent$"
                  r"|(ad-admin|ad-only-auth|aad-admin|entra-admin|microsoft-entra-admin) (?!list|show)|(keys?|credentials?) (renew|reset|rotate|regenerate|set|create|update)$"
                  r"|renew-(key|credentials)$|reset-credentials$|regenerate(-key)?$|rotate-(key|signing-keys|certs)$|update-credentials$"
                  r"|(token|scope-map|sshkey|ssh-key) (create|update)$|^vm user |set-permission$|^storage fs access (?!show)|authorization-rule (create|update)$"
                  r"|authentication-policy|^lab secret|revoke-access$|^acr credential renew$|password reset$|access (set|set-recursive|update-recursive|remove-recursive)$"
                  r"|^keyvault role (assignment|definition) (?!list|show)|cosmosdb (sql|mongodb) (role|user) .*(create|update|delete)$|apikey (create|set)$|cors add$|vm open-port$|regenerate-(keys|password|auth-key)$"
                  r"|revoke-delegation-keys$|(grant|revoke)-sql-access$"),
    ("destructive", r"(backup|snapshot) restore$|^storage blob restore$|^keyvault( \w+)? restore$|^backup restore |immutability-policy (?!show|create)"
                    r"|(repository|image) untag$|vm generalize$|redis flush$|delete_scope$|legal-hold clear$|offline-region$|stop-replication$|break-pair$|^acr untag$|lifecycle|management-policy (create|update)$"),
    ("write", r"^resource (patch|tag)$|force-reboot$|message put$|entity (insert|replace|merge)$|blob rewrite$|upsert_scope$|create_or_update$"
              r"|vm (capture|reapply|assess-patches)$|^keyvault key create$|deployment( \w+)? cancel$| (cancel|cancel-\w+)$|stop-(session|capture|tracing)$|log(-| )?(stream|tail)? stop$|^network watcher .* stop$"),
]

VERBS = {
    "read": """list show get exists check validate what-if stats status version find query test tail log logs browse retrieve url
info ping lint random evaluate preview wait operation result simulate compare diff verify count format describe search download-url
spot-placement what spot available-region list-available geo-replication-status""",
    "destructive": """delete remove purge clear stop deallocate disable reset reimage detach deactivate terminate unregister unset uninstall
abort drain erase wipe unlink unbind disconnect release break""",
    "write": """create update add set start restart import upload enable resume renew generate upgrade move sync failover install resize
scale undelete activate build lock register snapshot accept prepare attach copy convert apply reconcile bind swap promote change refresh
perform rollback publish initiate configure up append authorize merge georestore geo-restore fetch setup reschedule finalize populate commit
revalidate pause link acquire redeploy migrate restore recover approve reject assign complete deploy config config-zip config-local-git
config-save run push rotate use app auto auto-swap unlock encrypt sign init join bulk-set decompile re re-register reactivate reboot on
provision-network initialize reconfigure mount-rp unmount-rp backup backup-now send-test-notification recycle standby archive cutover
connection storage-blob storage-file storage-queue storage-table auth cache proxy revert fail fail-over failover-priority-change off
containerapp webapp functionapp trigger offer resync batch invite accept-transfer initiate-transfer advance manual-failover host""",
}
BY_VERB = {verb: effect for effect, verbs in VERBS.items() for verb in verbs.split()}


def classify(command):
    for outcome, pattern in RULES:
        if re.search(pattern, command):
            effect, _, kind = outcome.partition(" ")
            return effect, kind
    last = command.split()[-1]
    # A service connector: "webapp connection create redis".
    words = command.split()
    if "connection" in words[:-1] and words[-2] in ("create", "update"):
        return "write", ""
    for verb in (last, last.split("-")[0]):
        if verb in BY_VERB:
            return BY_VERB[verb], ""
    return "opaque", ""


def loader_of_commands():
    cli = get_default_cli()
    cli.invocation = cli.invocation_cls(
        cli_ctx=cli, commands_loader_cls=cli.commands_loader_cls, parser_cls=cli.parser_cls,
        help_cls=cli.help_cls, initial_data=None)
    cli.invocation.commands_loader.load_command_table(None)
    return cli.invocation.commands_loader


def listed_for_all():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "az.toml")
    with open(path, "rb") as file:
        return set(re.findall(r"--[a-z-]+", tomllib.load(file)["tool"][0]["options"]))


def arity(settings):
    """How an option of argparse is written in a pack."""
    if settings.get("action") in ("store_true", "store_false", "store_const", "count"):
        return ""
    return "=*" if settings.get("nargs") in ("?", "*", "+") else "="


def options_of(loader, command, left_out):
    loader.command_name = command
    loader.load_arguments(command)
    specs = []
    for argument in loader.command_table[command].arguments.values():
        settings = argument.type.settings
        names = [getattr(name, "target", name) for name in settings.get("options_list") or []]
        long_names = sorted(name for name in set(names) if str(name).startswith("--"))
        if str(settings.get("action")) != "ignore" and long_names and not left_out & set(long_names):
            specs.append("|".join(long_names)[2:] + arity(settings))
    return " ".join(sorted(set(specs)))


def main():
    print("# Written by az_commands.py from azure-cli 2.91.0.")
    loader = loader_of_commands()
    left_out = listed_for_all() | {"--cmd"}
    for command in sorted(loader.command_table):
        effect, kind = classify(command)
        template = {"write": "change", "destructive": "delete"}.get(effect, "")
        options = options_of(loader, command, left_out) if template else ""
        print("\t".join((command, effect, template, kind, "", options)).rstrip("\t"))


if __name__ == "__main__":
    sys.exit(main())
