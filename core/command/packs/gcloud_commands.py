"""Writes gcloud_commands.tsv and gcloud_options.toml from the command tree of the Google Cloud SDK.

Source: data/cli/gcloud_completions.py of the Google Cloud SDK 528.0.0, the static table of every
command and flag of the GA, alpha, beta and preview tracks. Usage: gcloud_commands.py SDK_ROOT
Each command is classified by its last word; paths below override. What no rule knows is opaque.
"""

import fnmatch
import pathlib
import re
import sys
from collections import Counter, defaultdict

TRACKS = ("alpha", "beta", "preview")
SCOPE_FLAGS = ("--zone --region --location --global --instance --cluster --keyring --key --service "
               "--dataset --database --secret --topic --repository --package --pool --organization "
               "--folder --network --domain --environment --config --table --vault --namespace").split()

# PATH (glob on the command without its track), effect, kind. The first that matches wins.
PATHS = """
auth print-*,auth application-default print-*,config config-helper|exfil|client_credential
artifacts print-settings *|read|
auth list,auth *-cred-config,iam *create-cred-config|read|
auth *,iam *create-login-config|privilege|
secrets versions access|exfil|
* fetch-read-token,* fetch-read-write-token,* generate-login-token|exfil|client_credential
* get-auth-string,* get-key-string|exfil|
* sign-url|exfil|
* sign-jwt,* sign-blob|privilege|token
*kms *decrypt|exfil|
asset export,sql export *,firestore export,datastore export,healthcare * export *|exfil|
compute images export,redis instances export,metastore services export *,netapp * export,alloydb clusters export|exfil|
*bulk-export,* export-data,* export-logs,healthcare *export*,scc findings export*,scc bqexports *export|exfil|
* export,* export-*|read|
* get-iam-policy,* get-ancestors-iam-policy,* check-iam-policy,* search-all-iam-policies|read|
container * get-credentials,* get-credentials|write|
cloud-shell get-mount-command|read|
cloud-shell *|opaque|
sql connect,* connect-to-serial-port,compute ssh,* tpu-vm ssh,app instances ssh,* ssh,interactive|opaque|
compute copy-files,* scp|opaque|
* start-tcp-tunnel,* start-iap-tunnel|opaque|
deployment-manager deployments create,deployment-manager deployments update|opaque|
infra-manager deployments apply|opaque|
dataproc * submit *,dataproc workflow-templates instantiate*,functions call,workflows execute,workflows run,run jobs execute|opaque|
sql import *,spanner databases execute-sql,spanner databases ddl *|opaque|
sql instances import,firestore import,datastore import|destructive|
sql backups restore,sql instances restore-backup,filestore instances restore,netapp volumes revert|destructive|
pubsub * seek,pubsub subscriptions ack*,pubsub * ack-up-to,tasks queues purge,redis instances import|destructive|
* set-iam-policy,*-policy-binding,*-iam-policy-binding,* set-policy,* modify-membership-roles|privilege|
* set-password,* set-superuser,* set-roles,* reset-*password,* reset-secret,* set-password-policy|privilege|
* ssl * create,* ssl-certs create,* client-certs create,* client-certs delete,* reset-ssl-config,* rotate-*|privilege|
* add-signed-url-key,* delete-signed-url-key,* add-acl-entry,* remove-acl-entry|privilege|
iam service-accounts delete,iam service-accounts disable,* workload-identity-pools delete|destructive|
iam * list*,iam * describe*,iam * get*,iam list*,iam * lint*|read|
iam *|privilege|
* list,* describe,* list-*,* describe-*|read|
services api-keys *,api-keys *,alpha api-keys *|privilege|
storage hmac *,* hmac-keys *|privilege|
compute os-login *|privilege|
compute os-config *-policies delete|destructive|
compute instances set-service-account,compute instances set-scopes,compute instances *-access-config|privilege|
compute firewall-rules delete,compute * rules delete,compute firewall-policies delete|destructive|
compute firewall-rules *,compute *firewall-policies *,compute security-policies rules *|privilege|
org-policies *,resource-manager org-policies *,resource-manager tags bindings *|privilege|
resource-manager liens delete|destructive|
access-context-manager * get*,access-approval * get|read|
access-context-manager *,access-approval *,pam * get*|privilege|
pam *,iap *,container binauthz *,identity groups *|privilege|
sql users *,alloydb users *,spanner * roles *,projects move|privilege|
policy-intelligence *,policy-troubleshoot *|read|
organizations *-iam*|privilege|
compute instances reset,* instances reset|write|
compute sole-tenancy *|write|
components remove|destructive|
topic *,help,version,info,feedback,cheat-sheet,survey|read|
meta *|opaque|
logging copy|exfil|
logging write|write|
container clusters get-*,* get-upgrade-info|read|
builds cancel|destructive|
ml language *,ml vision detect-*,ml video *,ml speech *,ml vision suggest-crop|read|
asset search-*,asset analyze-*,asset query,asset get-*|read|
dns record-sets transaction abort,dns record-sets transaction start,dns record-sets transaction add|write|
dns record-sets transaction execute|opaque|
dns record-sets transaction remove|write|
dns record-sets export|read|
run deploy,app deploy,functions deploy|write|
code dev,app logs tail,emulators * start|write|
emulators * env-init|read|
bms instances reimage|destructive|
projects undelete|write|
"""

# The last word, by glob. The first that matches wins.
VERBS = {
    "read": "list list-* describe describe-* get get-* read search search-* lookup tail tail-* wait wait-* "
            "status show ls du stat hash cat preview validate validate-* verify verify-* check check-* "
            "troubleshoot browse fetch-* stream-logs evaluate evaluate-* analyze-* query query-* explain "
            "detect-* classify-* predict raw-predict direct-predict direct-raw-predict stream-*predict "
            "lint diff test-* is-* find-* log logs proxy-status proxy-config recognize connection-string "
            "show-effective-config env-init search-* simulate check-upgrade print-settings mac-verify "
            "open-console version version-*",
    "destructive": "delete delete-* remove remove-* stop stop-* suspend suspend-* disable disable-* purge "
                   "destroy cancel cancel-* abandon abandon-* abort kill terminate drain detach detach-* "
                   "unlink unmanage undeploy undeploy-* unregister unenroll uninstall drop reimage "
                   "bulk-delete rm mv pause clean-up cleanup expire untag clear-* replace-all revert reset-* revoke "
                   "discard",
    "privilege": "authorize deauthorize approve deny login set-policy enable-serial-console disable-serial-console "
                 "enforce enforce-all allow disable-enforce enable-enforce",
    "write": "create create-* update update-* patch patch-* add add-* set set-* enable enable-* start start-* "
             "run restore restore-* import import-* undelete resume resume-* upgrade upgrade-* deploy deploy-* "
             "apply apply-* move enroll upload upload-* rollback rename reset restart restart-* copy copy-* "
             "perform-maintenance reschedule-* replace register promote promote-* attach-* migrate migrate-* "
             "failover switchover switch insert submit execute activate publish link clone clone-* build "
             "invalidate-* generate generate-* install reboot load commit bulk-mute mark-* simulate-* train "
             "unset encrypt raw-encrypt asymmetric-sign mac-sign complete complete-* acknowledge dismiss "
             "configure-docker backup trigger-backup rotate reencrypt convert deprecate modify-* perform-* "
             "advance retry-* ignore-* redeploy recreate-instances expand-ip-range init compose sync relocate "
             "diagnose save download download-* write wait-and-* invalidate change-quorum mutate-* upsert-* "
             "renew-* extract instantiate env-unset cp rsync inject-fault call resize snapshot report-* send-* "
             "reinstall alter-* move-* seed lock accept-* reject-* rerun replicate reorder star unstar pull "
             "reverse config-ssh database-failover reject",
}
FAMILIES = ("create", "update", "add-job", "import", "configure")  # with the kind as their last word
LABELS = ("remove-labels",)  # a label is no resource


def commands(node, path=()):
    if not node["commands"]:
        yield path, node["flags"]
    for name, child in sorted(node["commands"].items()):
        for sub, flags in commands(child, path + (name,)):
            yield sub, {**(node["flags"] if path else {}), **flags}


def path_rules():
    for line in PATHS.strip().splitlines():
        globs, effect, *kind = line.split("|")
        yield globs.split(","), effect, kind[0] if kind else ""


RULES = list(path_rules())


def classify(words):
    path = " ".join(words)
    for globs, effect, kind in RULES:
        if any(fnmatch.fnmatchcase(path, glob) for glob in globs):
            return effect, kind
    if words[-1] in LABELS or (len(words) > 1 and words[-2] in FAMILIES):
        return "write", ""
    for effect, globs in VERBS.items():
        if any(fnmatch.fnmatchcase(words[-1], glob) for glob in globs.split()):
            return effect, ""
    return "opaque", ""


def template(flags):
    for flag in ("dry-run", "validate-only"):
        if flags.get("--" + flag) == "bool":
            return flag
    return "plain"


def preview(words, flags, described):
    """A describe of the same target where the group has one."""
    group = words[:-1]
    if group not in described:
        return ""
    track, describe = described[group]
    shared = [flag for flag in SCOPE_FLAGS if flag in describe and flag in flags]
    options = " ".join("{+%s}" % flag for flag in ["--project", "--account", *shared])
    return " ".join(["gcloud", *track, *group, "describe", "{$1}", options])


def split_track(path):
    return (path[:1], path[1:]) if path[0] in TRACKS else ((), path)


def rows(tree):
    every = list(commands(tree))
    described = {}
    for path, flags in every:
        track, words = split_track(path)
        if words and words[-1] == "describe" and (words[:-1] not in described or not track):
            described[words[:-1]] = (track, flags)
    grouped = defaultdict(list)
    for path, flags in every:
        track, words = split_track(path)
        if not words:
            continue
        effect, kind = classify(words)
        look = preview(words, flags, described) if effect == "destructive" else ""
        grouped[words, effect, template(flags), kind, look].append("".join(track))
    for (words, *cells), tracks in grouped.items():
        path = " ".join(words)
        later = ",".join(track for track in tracks if track)
        if "" in tracks:
            yield "\t".join([path, *cells]).rstrip("\t")
        if later:
            yield "\t".join([later + " " + path, *cells]).rstrip("\t")


def option_list(tree):
    """Every flag of the tree; where commands differ in what it takes, what most of them say."""
    uses = defaultdict(Counter)
    for _, flags in commands(tree):
        for flag, takes in flags.items():
            uses[flag]["" if takes == "bool" else "="] += 1
    for flag, counts in sorted(uses.items()):
        takes = counts.most_common(1)[0][0]
        yield flag + ("=?" if takes == "" and len(counts) > 1 else takes)


def main():
    root = pathlib.Path(sys.argv[1])
    scope = {}
    exec((root / "data/cli/gcloud_completions.py").read_text(), scope)
    tree = scope["STATIC_COMPLETION_CLI_TREE"]
    version = (root / "VERSION").read_text().strip()
    here = pathlib.Path(__file__).parent
    note = f"# Written by gcloud_commands.py from the command tree of the Google Cloud SDK {version}.\n"
    lines = sorted(rows(tree))
    (here / "gcloud_commands.tsv").write_text(
        note + "# VERB, effect, template, kind, preview\n" + "\n".join(lines) + "\n")
    options = re.sub("(.{1,110}) ", r"\1\n", " ".join(option_list(tree)) + " ").strip()
    (here / "gcloud_options.toml").write_text(
        f'{note}\n[[option_list]]\nname = "gcloud"\noptions = """{options}"""\n')


if __name__ == "__main__":
    main()
