#!/usr/bin/env python3
"""Writes aws_operations.tsv: every operation of every AWS service, as the AWS CLI names it.

Sources: the service models of botocore 1.43.11, the options of the AWS CLI 1.45.11, and the service
authorization reference as carried by policy_sentry 0.15.2 (access levels). Needs all three; the table
is checked in.

    python3 aws_operations.py > aws_operations.tsv

A row: VERB <TAB> effect <TAB> template of aws.toml <TAB> kind <TAB> argv of a preview that reads <TAB>
options, for operations that change something: name, then nothing (a flag), `=` (a value), `=*` (values),
`=#` and `=#*` (the same, structured: JSON or shorthand in which a rule of aws.toml looks for a member)
<TAB> targets, parted by `;`, as packs write them: the parameters that name what the operation acts on.
The class is that of the override table, else of the operation's verb, else of its access level,
else opaque.
"""
import fnmatch
import json
import os
import re
import sys
import tomllib

import awscli.clidriver
import policy_sentry
from botocore import xform_name
from botocore.session import get_session

# Where the AWS CLI's name of a service is not botocore's.
SERVICE_NAMES = {"s3": "s3api", "config": "configservice", "codedeploy": "deploy"}

READ_VERBS = """batch-describe batch-get batch-list can check contains count describe detect discover
estimate evaluate filter find get head is list lookup poll preview query receive resolve scan search
select simulate validate verify""".split()

DESTRUCTIVE_VERBS = """abort batch-delete batch-stop bulk-delete clear close decommission delete
deactivate deprecate deprovision deregister destroy detach disable discard disassociate disconnect dispose dissociate drain drop empty
erase evict expire flush force forget kill leave purge release remove reset rollback
schedule revert shutdown stop suspend terminate truncate undeploy uninstall unsubscribe wipe
batch-disable batch-remove batch-disassociate""".split()

WRITE_VERBS = """accept acknowledge activate add allocate apply archive assign associate attach
batch-associate batch-create batch-import batch-put batch-update cancel change claim clone complete
confirm connect copy create define deploy enable enter exit import initialize initiate increase install invite
join label link lock merge modify move notify open pause post promote provision publish put reboot rebuild
record redrive refresh register reject renew replace report request restart restore resume retry
rotate run save send set signal split start subscribe switch sync tag test transfer
transact unarchive unassign unlink unlock unpause untag update upgrade upload""".split()

# Verbs whose effect depends on what they name: the rest of the word decides.
PRIVILEGE_WORDS = re.compile(
    r"^(authorize|revoke|grant|share|unshare)-|-(permission|permissions|policy|policies|grant|grants|acl)$"
    r"|resource-policy|public-access|access-policy|role-policy|trust|assume-role|(create|retire|revoke)-grant"
    r"|(user|group|role)-membership|access-(entry|grant|key|keys|point-scope)|credential"
    r"|(create|update|delete|reset|issue|generate)-.*(api-key|password|login-profile|access-token)"
    r"|permission-set|account-assignment|identity-provider|bucket-acl|object-acl|lf-tag"
    r"|security-group-(ingress|egress|rules)|ingress-permission"
)
# Policies that are settings, not permissions.
PLAIN_POLICIES = re.compile(
    r"(scaling|lifecycle|retention|backup|alarm|routing|maintenance|load-balancer|cache|origin-request|"
    r"response-headers|snapshot|health|sampling|app-cookie-stickiness|lb-cookie-stickiness|stickiness|"
    r"data-quality|deployment|resiliency|traffic|content|realtime|notification|protection|replication|"
    r"firewall|reboot|restart|repository-creation|auto-termination|field-index|index|transformer|"
    r"continuous-deployment|delivery|data-protection|account|archive|receipt-filter|automation|"
    r"capacity|auto-scaling|scaling-configuration|service-level|expiration|receive)"
    r"-(policy|policies)$")
FIREWALL = re.compile(r"network-acl|web-acl|firewall|logging|audit|backup|protection|versioning")
SHARING = re.compile(r"^(modify|reset)-(image|snapshot|fpga-image|db-snapshot|db-cluster-snapshot)-attribute$")
EXFIL = re.compile(r"^(start-)?(batch-)?export-|^(create|start|request)-.*export(-task|-job)?$"
                   r"|secret-value|^get-.*(password|credentials|private-key|signed-url|presigned)"
                   r"|^download-|^get-.*-token$|^create-presigned-|^generate-presigned-"
                   r"|^decrypt$|^generate-(data-key|data-key-pair)$|^get-(export|raw-message-content)$")
RETENTION = re.compile(r"^(put|update|modify|set)-.*(lifecycle|retention|event-selectors|time-to-live)")

# "service operation": (effect, kind). What neither name nor access level says.
CREDENTIAL = ("exfil", "client_credential")
OVERRIDES = {
    "ecr get-authorization-token": CREDENTIAL,
    "ecr get-login-password": CREDENTIAL,
    "ecr get-login": CREDENTIAL,
    "ecr-public get-authorization-token": CREDENTIAL,
    "ecr-public get-login-password": CREDENTIAL,
    "eks get-token": CREDENTIAL,
    "emr-containers get-token": CREDENTIAL,
    "rds generate-db-auth-token": CREDENTIAL,
    "dsql generate-db-connect-auth-token": CREDENTIAL,
    "dsql generate-db-connect-admin-auth-token": CREDENTIAL,
    "codeartifact get-authorization-token": CREDENTIAL,
    "sts get-session-token": CREDENTIAL,
}
OVERRIDE_LISTS = {
    "read": """verifiedpermissions batch-is-authorized|verifiedpermissions batch-is-authorized-with-token
waf get-change-token|waf-regional get-change-token|rds download-db-log-file-portion
sts get-caller-identity|sts decode-authorization-message|sts get-access-key-info
iam get-credential-report|iam generate-credential-report|iam generate-service-last-accessed-details
iam get-access-key-last-used|ec2 get-console-output|ec2 get-console-screenshot|ssm get-parameter
ssm get-parameters|ssm get-parameters-by-path|ssm get-parameter-history|kms verify|kms verify-mac
kms generate-random|secretsmanager get-random-password|logs start-query|logs stop-query|logs start-live-tail
internetmonitor stop-query|iam generate-organizations-access-report|logs test-metric-filter|logs filter-log-events|s3api get-object-acl|s3api get-bucket-acl|s3api get-bucket-policy
athena get-query-results|cloudformation detect-stack-drift|cloudformation detect-stack-resource-drift
cloudformation detect-stack-set-drift|cloudformation estimate-template-cost|cloudtrail start-query|cloudtrail cancel-query
lambda get-policy|ec2 describe-account-attributes|iam simulate-principal-policy|iam simulate-custom-policy
iam get-account-password-policy|route53 test-dns-answer|events test-event-pattern|stepfunctions test-state
codecommit get-file|codecommit get-blob|cloudwatch get-metric-widget-image|translate translate-text
polly synthesize-speech|location calculate-route|bedrock-runtime count-tokens
ce start-savings-plans-purchase-recommendation-generation|pricing get-products""",
    "write": """sso logout|bedrock-runtime converse|s3api rename-object
kms cancel-key-deletion|logs delete-retention-policy|s3api restore-object|s3api abort-multipart-upload
cloudformation cancel-update-stack|cloudformation continue-update-rollback
cloudformation create-change-set|cloudformation rollback-stack
kms encrypt|kms re-encrypt|kms sign|kms generate-mac|kms generate-data-key-without-plaintext
elbv2 set-subnets|events put-events|sqs send-message
sqs receive-message|sqs change-message-visibility|ssm cancel-command
ecs discover-poll-endpoint|swf poll-for-activity-task|swf poll-for-decision-task|datapipeline poll-for-task
stepfunctions get-activity-task|transfer test-identity-provider|athena stop-query-execution|redshift-data cancel-statement
codebuild stop-build|codebuild stop-build-batch|codebuild retry-build|glue stop-crawler
codepipeline stop-pipeline-execution|deploy stop-deployment
ecs submit-task-state-change|logs put-log-events
ec2 associate-address|ec2 unassign-private-ip-addresses
elb register-instances-with-load-balancer|kinesis merge-shards
cloudfront create-invalidation|ec2 modify-instance-metadata-options|sagemaker stop-training-job
lakeformation cancel-transaction|rds-data begin-transaction|rds-data commit-transaction|rds-data rollback-transaction
ec2 cancel-export-task|ec2 cancel-import-task|rds cancel-export-task|logs cancel-export-task
sns publish|ses send-email|sesv2 send-email|dynamodb update-item|dynamodb put-item|dynamodb batch-write-item
dynamodb transact-write-items|s3api put-bucket-versioning|s3api put-bucket-encryption|s3api put-bucket-logging
sns create-topic|sqs create-queue|es create-elasticsearch-domain|es update-elasticsearch-domain-config|glue test-connection
ds create-directory|ds create-microsoft-ad|ds create-conditional-forwarder|cognito-identity create-identity-pool|quicksight create-group
sqs set-queue-attributes|sns set-topic-attributes|sns set-subscription-attributes|elbv2 modify-load-balancer-attributes|route53 change-resource-record-sets""",
    "destructive": """kms schedule-key-deletion|kms disable-key|kms disable-key-rotation|organizations leave-organization
organizations close-account|organizations remove-account-from-organization|organizations disable-policy-type
wafv2 disassociate-web-acl|waf-regional disassociate-web-acl|cloudtrail stop-logging|cloudtrail put-event-selectors
logs put-retention-policy|dynamodb update-time-to-live|s3api put-bucket-lifecycle|ecr put-lifecycle-policy
s3api put-bucket-lifecycle-configuration|configservice stop-configuration-recorder
iam delete-user|iam delete-role|iam delete-group|iam delete-instance-profile|kms delete-imported-key-material
ecr batch-delete-image|ecs deregister-task-definition|autoscaling detach-instances|autoscaling enter-standby
elb deregister-instances-from-load-balancer|elbv2 deregister-targets|autoscaling suspend-processes
cloudformation delete-stack-instances|elasticache reset-cache-parameter-group|stepfunctions stop-execution
ec2 cancel-spot-fleet-requests|ec2 cancel-spot-instance-requests|ec2 cancel-capacity-reservation
backup update-recovery-point-lifecycle
guardduty disassociate-members|batch terminate-job|batch cancel-job|elasticbeanstalk rebuild-environment
ec2 withdraw-byoip-cidr
redshift pause-cluster
ssm delete-parameters|elasticache decrease-replica-count|kinesis decrease-stream-retention-period
redshift modify-snapshot-copy-retention-period|fsx release-file-system-nfs-v3-locks""",
    "privilege": """sts assume-role|sts assume-role-with-saml|sts assume-role-with-web-identity|sts assume-root
iam update-access-key|ec2 associate-iam-instance-profile|ec2 disassociate-iam-instance-profile
ec2 replace-iam-instance-profile-association|ec2 modify-snapshot-attribute|ec2 modify-image-attribute
ec2 modify-vpc-endpoint-service-permissions|ec2 create-network-acl-entry|ec2 replace-network-acl-entry
ec2 delete-network-acl-entry|ec2 disable-image-block-public-access|ec2 disable-snapshot-block-public-access
ec2 enable-serial-console-access|ec2 modify-security-group-rules|ec2 create-key-pair|ec2 import-key-pair
s3api put-bucket-acl|s3api put-object-acl|s3api put-bucket-policy|s3api put-public-access-block
s3api delete-public-access-block|s3api delete-bucket-policy|s3api put-bucket-website
s3api put-bucket-ownership-controls|s3api delete-bucket-ownership-controls|s3api put-bucket-replication
s3control put-public-access-block|s3control delete-public-access-block|kms put-key-policy|kms create-grant
kms revoke-grant|kms retire-grant|lambda add-permission|lambda remove-permission|lambda create-function-url-config
lambda update-function-url-config|lambda add-layer-version-permission|lambda remove-layer-version-permission
sqs add-permission|sqs remove-permission|sns add-permission|sns remove-permission|ecr set-repository-policy
ecr delete-repository-policy|ram create-resource-share|ram associate-resource-share|ram update-resource-share
organizations attach-policy|organizations detach-policy|organizations create-policy|organizations update-policy
organizations delete-policy|organizations enable-aws-service-access|organizations invite-account-to-organization
organizations register-delegated-administrator|organizations deregister-delegated-administrator
cognito-idp admin-set-user-password|cognito-idp admin-reset-user-password|cognito-idp admin-add-user-to-group
cognito-idp admin-remove-user-from-group|cognito-idp admin-create-user|cognito-idp admin-disable-user
cognito-identity set-identity-pool-roles|eks create-access-entry|eks update-access-entry|eks delete-access-entry
eks associate-access-policy|eks disassociate-access-policy|redshift authorize-snapshot-access
rds add-role-to-db-instance|rds add-role-to-db-cluster|rds remove-role-from-db-instance|rds remove-role-from-db-cluster
ds create-trust|ds delete-trust|ds reset-user-password|lightsail open-instance-public-ports
lightsail put-instance-public-ports|lightsail create-key-pair|ec2-instance-connect send-ssh-public-key
ec2-instance-connect send-serial-console-ssh-public-key|iot attach-policy|iot detach-policy|iot create-keys-and-certificate
iot attach-principal-policy|secretsmanager put-resource-policy|secretsmanager delete-resource-policy
ec2 modify-verified-access-endpoint-policy|apigateway create-api-key|appsync create-api-key
sts get-web-identity-token|sts get-delegated-access-token|mq create-user|mq update-user|mq delete-user
elasticache create-user|elasticache modify-user|memorydb create-user|memorydb update-user|transfer create-user
transfer update-user|transfer import-ssh-public-key|opensearch authorize-vpc-endpoint-access
quicksight register-user|quicksight update-user|workmail reset-password|workmail register-to-work-mail
identitystore create-group-membership|identitystore delete-group-membership|identitystore create-user
ec2 attach-internet-gateway|ec2 create-vpc-peering-connection|ec2 accept-vpc-peering-connection
rds modify-db-snapshot-attribute|rds modify-db-cluster-snapshot-attribute|ssm modify-document-permission
route53domains transfer-domain-to-another-aws-account
""",
    "exfil": """secretsmanager get-secret-value|secretsmanager batch-get-secret-value|kms decrypt|kms generate-data-key
kms generate-data-key-pair|kms derive-shared-secret|ec2 get-password-data|sts get-federation-token
logs create-export-task|rds start-export-task|dynamodb export-table-to-point-in-time|ec2 create-instance-export-task
ec2 export-image|ec2 create-store-image-task|acm export-certificate|s3api get-object|s3api get-object-torrent
s3api select-object-content|codepipeline poll-for-jobs|connect get-federation-token
cognito-identity get-open-id-token|cognito-identity get-open-id-token-for-developer-identity
cognito-identity get-credentials-for-identity|gamelift request-upload-credentials|iot assume-role-with-certificate
lightsail get-instance-access-details|lightsail get-relational-database-master-user-password
lightsail download-default-key-pair|mediapackage rotate-ingest-endpoint-credentials|redshift get-cluster-credentials
redshift get-cluster-credentials-with-iam|redshift-serverless get-credentials|sso get-role-credentials|signin create-o-auth2-token
rds download-complete-db-log-file
ec2 get-vpn-connection-device-sample-configuration|appstream create-streaming-url|sagemaker create-presigned-domain-url
sagemaker create-presigned-notebook-instance-url|glacier get-job-output|codeartifact get-package-version-asset
ebs get-snapshot-block|ecr get-download-url-for-layer|mwaa create-cli-token|mwaa create-web-login-token
grafana create-workspace-api-key|sso-oidc create-token|sso-oidc create-token-with-iam""",
    "opaque": """lambda invoke|lambda invoke-async|ssm send-command|ssm start-session|ssm resume-session
ssm start-automation-execution|ecs execute-command|athena start-query-execution
rds-data execute-statement|rds-data batch-execute-statement|rds-data execute-sql|redshift-data execute-statement
redshift-data batch-execute-statement|timestream-query query|dynamodb execute-statement|dynamodb batch-execute-statement
dynamodb execute-transaction|cloudformation update-stack|cloudformation create-stack|cloudformation execute-change-set
cloudformation create-stack-set|cloudformation update-stack-set|cloudformation create-stack-instances
cloudformation update-stack-instances|cloudcontrol update-resource|neptunedata execute-gremlin-query
neptunedata execute-open-cypher-query|neptune-graph execute-query
ssm start-associations-once|fis start-experiment|s3control create-job""",
}
for _effect, _names in OVERRIDE_LISTS.items():
    for _name in re.split(r"[|\n]", _names):
        OVERRIDES[_name] = (_effect, "")


def access_levels():
    path = os.path.join(os.path.dirname(policy_sentry.__file__), "shared/data/iam-definition.json")
    with open(path, encoding="utf-8") as file:
        definition = json.load(file)
    return {
        prefix: {name.lower(): action["access_level"] for name, action in service["privileges"].items()}
        for prefix, service in definition.items()
        if isinstance(service, dict)
    }


def starts_with_verb(name, verbs):
    return any(name == verb or name.startswith(verb + "-") for verb in verbs)


def by_verb(service, name):
    """The effect that the operation's own name tells, or None."""
    name = re.sub("^admin-", "", name)  # Cognito's
    if starts_with_verb(name, ["tag", "untag", "add-tags", "remove-tags", "create-tags", "delete-tags",
                               "list", "describe", "batch-describe", "head"]):
        is_read = starts_with_verb(name, ["list", "describe", "batch-describe", "head"])
        return "read" if is_read else "write"
    if EXFIL.search(name) and not starts_with_verb(name, ["delete", "cancel", "stop", "update", "put"]):
        return "exfil"
    if starts_with_verb(name, READ_VERBS):
        return "read"
    if re.search(r"(^|-)(tag|untag)s?(-|$)|-tags(-|$)", name) and "lf-tag" not in name:
        return "write"
    if service == "iam":
        return "privilege"
    if SHARING.search(name):
        return "privilege"
    if RETENTION.search(name):
        return "destructive"
    destroys = starts_with_verb(name, DESTRUCTIVE_VERBS)
    if PRIVILEGE_WORDS.search(name) and not PLAIN_POLICIES.search(name) and not FIREWALL.search(name):
        return "privilege"
    if destroys:
        return "destructive"
    return "write" if starts_with_verb(name, WRITE_VERBS) else None


def by_access_level(level):
    return {"Read": "read", "List": "read", "Tagging": "write", "Write": "write",
            "Permissions management": "privilege"}.get(level, "opaque")


def classify(service, name, level):
    if f"{service} {name}" in OVERRIDES:
        return OVERRIDES[f"{service} {name}"]
    effect = by_verb(service, name)
    if level == "Permissions management" and effect == "write":
        effect = "privilege"
    return effect or by_access_level(level), ""


def never_read(effect, level):
    """What AWS itself calls a change is no read, whatever its name says."""
    return "write" if effect == "read" and level in ("Write", "Permissions management", "Tagging") else effect


def members_of(operation):
    return operation.input_shape.members if operation.input_shape else {}


def has_dry_run(operation):
    return any(xform_name(name, "-") == "dry-run" and shape.type_name == "boolean"
               for name, shape in members_of(operation).items())


def required_of(operation):
    return list(operation.input_shape.required_members) if operation.input_shape else []


# Where a preview looks: where its command would act.
PLACE = "{+--profile} {+--region} {+--endpoint-url} {+--ca-bundle} {+--no-verify-ssl}"


class Previews:
    """For an operation that destroys: the operation of its service that shows the same thing."""

    READ_PREFIXES = ("Describe", "Head", "Get", "List")

    def __init__(self, model, service):
        self.service = service
        self.reads = {name: model.operation_model(name) for name in model.operation_names
                      if name.startswith(self.READ_PREFIXES)}

    def of(self, operation):
        needed = required_of(operation) or self.identifiers(operation)
        noun = re.sub(r"^(Batch)?[A-Z][a-z]+", "", operation.name)
        for read in self.candidates(noun):
            members = members_of(read)
            shared = [name for name in needed if name in members]
            if shared and set(required_of(read)) <= set(shared) and len(shared) == len(needed):
                return self.argv(read, shared)
        return ""

    def identifiers(self, operation):
        noun = re.sub(r"^[A-Z][a-z]+", "", operation.name)
        return [name for name in members_of(operation)
                if name in (noun + "Identifier", noun + "Id", noun + "Name", noun + "Ids")]

    def candidates(self, noun):
        names = [prefix + form for prefix in self.READ_PREFIXES
                 for form in (noun, noun + "s", re.sub("y$", "ies", noun), noun + "es")]
        return [self.reads[name] for name in names if name in self.reads and self.only_shows(self.reads[name])]

    def only_shows(self, read):
        """It prints no secret, and needs no file to put an object into."""
        name = xform_name(read.name, "-")
        return classify(self.service, name, "Read")[0] == "read" and "token" not in name and not read.has_streaming_output

    def argv(self, read, members):
        options = " ".join(f"--{xform_name(name, '-')} {{--{xform_name(name, '-')}}}" for name in members)
        return f"aws {self.service} {xform_name(read.name, '-')} {options} {PLACE}"


def is_text(shape):
    """A name, or a list of names: no choice of a few words."""
    shape = shape.member if shape.type_name == "list" else shape
    return shape.type_name == "string" and not shape.enum


def singular(word):
    for plural, one in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("s", "")):
        if word.endswith(plural) and not word.endswith(("ss", "us", "dns")):
            return word[:-len(plural)] + one
    return word


class Targets:
    """The parameters of an operation that name what it acts on, and those that say within what."""

    SUFFIXES = set("id ids identifier identifiers name names arn arns url urls key keys alias aliases ip".split())
    # Text that names nothing, unless nothing else does.
    OTHERS = re.compile(r"token|^request-|version-id$|^version$|session-name|^(aws-)?account-id|kms|caller|reason"
                        r"|etag|revision-id|bucket-owner|^mfa$|payer|lang|locale|message|description|next"
                        r"|^filters?$|type$|region$|principal|if-match|resource-identifier-type|quiet|comment|status"
                        r"|^source-|^destination-")

    def __init__(self, verb, input_shape):
        words = [word for word in verb.split("-") if word not in ("batch", "bulk", "admin")][1:]
        self.noun = words[:-1] + [singular(words[-1])] if words else []
        members = input_shape.members if input_shape else {}
        self.shapes = {option_name(name): shape for name, shape in members.items()}
        self.members = {option_name(name): name for name in members}
        self.required = {option_name(name) for name in (input_shape.required_members if input_shape else [])}
        texts = [option for option, shape in self.shapes.items() if is_text(shape)]
        names = [option for option in texts if not self.OTHERS.search(option)]
        self.marks = self.marked(names) or self.marked(texts) or self.optional(names)

    def marked(self, options):
        marks = {option: self.mark(option) for option in options}
        return {option: mark for option, mark in marks.items() if mark}

    def optional(self, options):
        """One of several ways to name it: none is required."""
        return {option: 3 for option in options if self.stem(option)[1]}

    def stem(self, option):
        words = option.split("-")
        named = words[-1] in self.SUFFIXES
        words = words[:-1] if named else words
        return words[:-1] + [singular(words[-1])] if words else [], named

    def mark(self, option):
        """How well it fits the operation's noun; 0: it names nothing."""
        stem, named = self.stem(option)
        mine, noun = "".join(stem), "".join(self.noun)
        if not stem:
            return 5
        if mine == noun:
            return 6
        if noun.endswith(mine) or (named and noun and mine.endswith(noun)):
            return 4
        if named and (stem[-1] in self.noun or mine in noun):
            return 3
        return (2 if named else 1) if option in self.required else 0

    def chosen(self):
        best = max(self.marks.values(), default=0)
        found = [option for option, mark in self.marks.items() if mark == best]
        found = [option for option in found if option in self.required] or found
        return found if best > 2 else found[-1:]

    def cell(self, options, bodies):
        """What of it the AWS CLI has options for; with `bodies` also what a JSON request names."""
        known = {re.sub("[=#*]+$", "", option) for option in options.split()}
        named = [text for option in self.chosen() for text in self.of(option)]
        if max(self.marks.values(), default=0) <= 2:
            named = list(self.inside()) or named
        named = [text for text in named if bodies or "--cli-input-json" not in text]
        return ";".join(text for text in named if set(re.findall("=--([a-z0-9-]+)", text)) <= known)

    def of(self, option):
        yield self.written(option, f"--{option}", lambda other: f"--{other}")
        is_list = self.shapes[option].type_name == "list"
        body = "--cli-input-json#"
        yield self.written(option, body + self.members[option] + (".*" if is_list else ""),
                           lambda other: body + self.members[other])

    def written(self, option, name, source):
        within = [other for other in self.members if other not in self.chosen() and self.is_within(other)][:1]
        place = "cluster" if within and within[0].startswith("cluster") else "namespace"
        return " ".join([f"kind={self.kind(option)} name={name}"] + [f"{place}={source(other)}" for other in within])

    def kind(self, option):
        stem = self.stem(option)[0]
        fits = self.noun and "".join(self.noun).endswith("".join(stem))
        return "-".join(self.noun if not stem or fits else stem) or "resource"

    def is_within(self, option):
        return option in ("cluster", "cluster-name") or (option in self.required and self.marks.get(option, 0) > 0)

    def inside(self):
        """Names within lists of structures: --terminate-workspace-requests WorkspaceId=..."""
        for option, shape in self.shapes.items():
            inner = shape.member if shape.type_name == "list" else shape
            if inner.type_name != "structure" or option not in self.required:
                continue
            for member, text in inner.members.items():
                name = option_name(member)
                if is_text(text) and self.stem(name)[1] and not self.OTHERS.search(name) and self.mark(name) > 2:
                    for start in (f"--{option}#", f"--cli-input-json#{self.members[option]}."):
                        yield self.written(name, f"{start}**.{member}", lambda other: f"--{other}")


# What begins so makes something new, or only describes what may be made.
NEW = ("create-", "start-", "run-", "import-", "register-task", "register-job", "put-metric-data")


def template_of(service, name, effect, dry):
    if effect == "destructive":
        base = "delete"
    elif effect == "write":
        base = "create" if name.startswith(NEW) else "update"
    else:
        base = ""
    if not dry:
        return base
    kind = "ec2" if service == "ec2" else "checked"
    return f"{base or 'call'}-{kind}"


class Looked:
    """The members that the rules of some templates of aws.toml look for: `member:GLOB|GLOB`."""

    def __init__(self, templates):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "aws.toml")
        with open(path, "rb") as file:
            tool = tomllib.load(file)["tool"][0]
        rules = [template["rules"] for template in tool["template"] if template["name"] in templates]
        globs = set(re.findall(r"member:([^=\"']+)", repr(rules)))
        names = {name for glob in globs for name in glob.split("|")}
        self.of_name = re.compile("|".join(fnmatch.translate(name) for name in names if "." not in name))
        self.of_path = re.compile("|".join(fnmatch.translate(name) for name in names if "." in name))

    def within(self, shape, path=(), seen=frozenset()):
        """Whether a member of such a name lies in `shape`."""
        if shape.name in seen:
            return False
        if path and path[-1].endswith("attributes") and self.is_named_by_user(shape):
            return True
        if shape.type_name in ("list", "map"):
            return self.within(shape.member if shape.type_name == "list" else shape.value, path, seen)
        if shape.type_name != "structure":
            return False
        return any(self.named(path + (option_name(name),))
                   or self.within(member, path + (option_name(name),), seen | {shape.name})
                   for name, member in shape.members.items())

    @staticmethod
    def is_named_by_user(shape):
        """A map, or a list of keys and values."""
        if shape.type_name == "list" and shape.member.type_name == "structure":
            return {name.lower() for name in shape.member.members} == {"key", "value"}
        return shape.type_name == "map" and shape.value.type_name == "string"

    def named(self, path):
        return bool(self.of_name.match(path[-1]) or self.of_path.match(".".join(path)))


def option_name(member):
    """As the program makes it of a member's name."""
    member = re.sub("(?<=[a-z0-9])([A-Z])|(?<=[A-Z])([A-Z])(?=[a-z0-9])", r"-\1\2", member.replace("_", "-"))
    return member.lower()


class CommandLine:
    """The AWS CLI's own options of an operation, customizations included."""

    def __init__(self):
        self.services = awscli.clidriver.create_clidriver()._get_command_table()
        self.looked_by = {"create": Looked(["create"]), "update": Looked(["create", "update"])}

    def options_of(self, service, name, input_shape, template):
        looked = self.looked_by.get(template.split("-")[0])
        command = self.services.get(service)
        operation = command._get_command_table().get(name) if command else None
        if operation is None:
            return ""
        specs = {}
        for option, argument in operation.arg_table.items():
            if argument.positional_arg or self.is_negative(option, operation.arg_table):
                continue
            specs[option] = self.arity(argument, looked)
            if argument.name == "cli-input-json" and looked and input_shape and looked.within(input_shape):
                specs[option] = "=#"
        return " ".join(option + specs[option] for option in sorted(specs))

    @staticmethod
    def is_negative(option, table):
        return option.startswith("no-") and option[3:] in table

    @staticmethod
    def arity(argument, looked):
        kind = argument.cli_type_name
        if kind == "boolean":
            return ""
        if type(argument).__name__ == "PositiveBooleanArgument":
            return "=#*"
        if argument.name == "generate-cli-skeleton":
            return "=*"
        model = getattr(argument, "argument_model", None)
        structured = looked is not None and kind in ("list", "map", "structure") and looked.within(model, (argument.name,))
        return "=" + "#" * structured + "*" * (kind == "list")


def rows():
    session = get_session()
    command_line = CommandLine()
    levels = access_levels()
    for botocore_name in sorted(session.get_available_services()):
        service = SERVICE_NAMES.get(botocore_name, botocore_name)
        model = session.get_service_model(botocore_name)
        known = levels.get(model.signing_name) or levels.get(botocore_name) or {}
        previews = Previews(model, service)
        yield f"{service} help", "read", "", "", "", "", ""
        for operation_name in model.operation_names:
            operation = model.operation_model(operation_name)
            name = xform_name(operation_name, "-")
            level = known.get(operation_name.lower())
            effect, kind = classify(service, name, level)
            effect = never_read(effect, level)
            dry = effect != "read" and has_dry_run(operation)
            template = template_of(service, name, effect, dry)
            preview = previews.of(operation) if effect == "destructive" and not dry else ""
            options = command_line.options_of(service, name, operation.input_shape, template) if effect != "read" else ""
            targets = Targets(name, operation.input_shape).cell(options, effect != "write") if effect != "read" else ""
            if level == "Permissions management" and effect == "write":
                effect = "privilege"  # AWS's own word; what else the row says is that of a change
            yield f"{service} {name}", effect, template, kind, preview, options, targets


def main():
    print("# Written by aws_operations.py from botocore 1.43.11, the AWS CLI 1.45.11"
          " and policy_sentry 0.15.2.")
    for row in sorted(rows()):
        print("\t".join(row).rstrip("\t"))


if __name__ == "__main__":
    sys.exit(main())
