# bash completion for prodaccess. Made from the option tree: prodaccess completion bash
_prodaccess_commands() {
  case "$1" in
    '') echo 'request renew exec shell creds login logout status revoke approve approvals hook roles completion init doctor demo lock unlock locks audit policy local gcp kubernetes aws postgres provider version' ;;
    locks) echo sync ;;
    audit) echo 'show tail search stats play verify export report repair prune anomalies reconcile forward key checkpoint' ;;
    policy) echo 'explain packs check test lint show' ;;
    local) echo 'ssh-ca krl jwks denied' ;;
    gcp) echo credentials-file ;;
    kubernetes) echo kubeconfig ;;
    aws) echo 'eks-token rds-token ecr-credential console sso-roles import-keys keys' ;;
    postgres) echo password ;;
    provider) echo test ;;
  esac
}
_prodaccess_options() {
  case "$1" in
    '') echo --help ;;
    request) echo '--role --ttl --reason --ticket --approval --wait --break-glass --json --help' ;;
    renew) echo '--ttl --approval --wait --json --help' ;;
    exec) echo '--role --once --ttl --reason --ticket --approval --wait --dry-run --explain-env --aws-endpoint --min-ttl --status-file --status-fd --json --help' ;;
    shell) echo '--role --shell --approval --wait --json --help' ;;
    creds) echo '--role --once --ttl --reason --ticket --approval --wait --format --wide --json --help' ;;
    login) echo '--list --json --help' ;;
    logout) echo '--all --json --help' ;;
    status) echo '--json --help' ;;
    revoke) echo '--all --provider --json --help' ;;
    approve) echo '--file --key --output --show --yes --json --help' ;;
    approvals) echo '--json --help' ;;
    hook) echo '--format --role --json --help' ;;
    roles) echo '--json --help' ;;
    completion) echo '--json --help' ;;
    init) echo '--provider --yes --force --print --json --help' ;;
    doctor) echo '--json --help' ;;
    demo) echo '--yes --json --help' ;;
    lock) echo '--person --role --host --all --publish --reason --for --show-key --json --help' ;;
    unlock) echo '--person --role --host --all --publish --json --help' ;;
    locks) echo '--json --help' ;;
    'locks sync') echo '--json --help' ;;
    audit) echo --help ;;
    'audit show') echo '--kind --actor --role --grant --session --effect --verdict --target --host --from --until --ledger --json --help' ;;
    'audit tail') echo '--lines -f --kind --actor --role --grant --session --effect --verdict --target --host --from --until --ledger --json --help' ;;
    'audit search') echo '--kind --actor --role --grant --session --effect --verdict --target --host --from --until --ledger --json --help' ;;
    'audit stats') echo '--kind --actor --role --grant --session --effect --verdict --target --host --from --until --ledger --json --help' ;;
    'audit play') echo '--speed --idle-limit --ledger --json --help' ;;
    'audit verify') echo '--ledger --key --checkpoint --proof --check-proof --json --help' ;;
    'audit export') echo '--format --pseudonyms --kind --actor --role --grant --session --effect --verdict --target --host --from --until --ledger --json --help' ;;
    'audit report') echo '--framework --from --to --format --ledger --key --sample --seed --json --help' ;;
    'audit repair') echo '--reason --json --help' ;;
    'audit prune') echo '--keep --json --help' ;;
    'audit anomalies') echo '--from --ledger --json --help' ;;
    'audit reconcile') echo '--ledger --from --until --json --help' ;;
    'audit forward') echo '--follow --now --json --help' ;;
    'audit key') echo '--ledger --json --help' ;;
    'audit checkpoint') echo '--now --ledger --json --help' ;;
    policy) echo --help ;;
    'policy explain') echo '--shell --batch -0 --json --help' ;;
    'policy packs') echo '--tool --json --help' ;;
    'policy check') echo '--role --shell --json --help' ;;
    'policy test') echo '--json --help' ;;
    'policy lint') echo '--json --help' ;;
    'policy show') echo '--json --help' ;;
    local) echo --help ;;
    'local ssh-ca') echo '--output --json --help' ;;
    'local krl') echo '--output --json --help' ;;
    'local jwks') echo '--output --json --help' ;;
    'local denied') echo '--output --signed --json --help' ;;
    gcp) echo --help ;;
    'gcp credentials-file') echo '--role --service-account --output --json --help' ;;
    kubernetes) echo --help ;;
    'kubernetes kubeconfig') echo '--role --api-version --output --json --help' ;;
    aws) echo --help ;;
    'aws eks-token') echo '--cluster --region --role --once --ttl --reason --ticket --approval --wait --json --help' ;;
    'aws rds-token') echo '--host --port --user --region --wide --role --once --ttl --reason --ticket --approval --wait --json --help' ;;
    'aws ecr-credential') echo '--wide --role --once --ttl --reason --ticket --approval --wait --json --help' ;;
    'aws console') echo '--destination --duration --region --wide --role --once --ttl --reason --ticket --approval --wait --json --help' ;;
    'aws sso-roles') echo '--json --help' ;;
    'aws import-keys') echo '--file --keep --replace --json --help' ;;
    'aws keys') echo '--forget --json --help' ;;
    postgres) echo --help ;;
    'postgres password') echo '--role --stdin --forget --json --help' ;;
    provider) echo --help ;;
    'provider test') echo '--parameters --timeout --json --help' ;;
    version) echo '--json --help' ;;
  esac
}
_prodaccess_value_source() {
  case "$1:$2" in
    request:--role) echo roles ;;
    request:--ttl) echo none ;;
    request:--reason) echo none ;;
    request:--ticket) echo none ;;
    request:--approval) echo files ;;
    request:--wait) echo none ;;
    renew:--ttl) echo none ;;
    renew:--approval) echo files ;;
    renew:--wait) echo none ;;
    renew:) echo grants ;;
    exec:--role) echo roles ;;
    exec:--ttl) echo none ;;
    exec:--reason) echo none ;;
    exec:--ticket) echo none ;;
    exec:--approval) echo files ;;
    exec:--wait) echo none ;;
    exec:--min-ttl) echo none ;;
    exec:--status-file) echo files ;;
    exec:--status-fd) echo none ;;
    shell:--role) echo roles ;;
    shell:--shell) echo none ;;
    shell:--approval) echo files ;;
    shell:--wait) echo none ;;
    creds:--role) echo roles ;;
    creds:--ttl) echo none ;;
    creds:--reason) echo none ;;
    creds:--ticket) echo none ;;
    creds:--approval) echo files ;;
    creds:--wait) echo none ;;
    creds:--format) echo 'words env dotenv json exec-credential aws-credential-process google-executable' ;;
    login:) echo none ;;
    logout:) echo none ;;
    revoke:) echo grants ;;
    approve:--file) echo files ;;
    approve:--key) echo files ;;
    approve:--output) echo files ;;
    approvals:) echo files ;;
    hook:--format) echo 'words claude vscode codex gemini cursor copilot cline windsurf kiro opencode generic' ;;
    hook:--role) echo roles ;;
    roles:) echo roles ;;
    completion:) echo 'words bash zsh fish' ;;
    init:--provider) echo 'words local aws vault gcp postgres kubernetes' ;;
    doctor:) echo none ;;
    lock:--person) echo none ;;
    lock:--role) echo roles ;;
    lock:--host) echo none ;;
    lock:--publish) echo none ;;
    lock:--reason) echo none ;;
    lock:--for) echo none ;;
    unlock:--person) echo none ;;
    unlock:--role) echo roles ;;
    unlock:--host) echo none ;;
    unlock:--publish) echo none ;;
    'audit show:--kind') echo none ;;
    'audit show:--actor') echo none ;;
    'audit show:--role') echo roles ;;
    'audit show:--grant') echo grants ;;
    'audit show:--session') echo none ;;
    'audit show:--effect') echo none ;;
    'audit show:--verdict') echo none ;;
    'audit show:--target') echo none ;;
    'audit show:--host') echo none ;;
    'audit show:--from') echo none ;;
    'audit show:--until') echo none ;;
    'audit show:--ledger') echo folders ;;
    'audit show:') echo none ;;
    'audit tail:--lines') echo none ;;
    'audit tail:--kind') echo none ;;
    'audit tail:--actor') echo none ;;
    'audit tail:--role') echo roles ;;
    'audit tail:--grant') echo grants ;;
    'audit tail:--session') echo none ;;
    'audit tail:--effect') echo none ;;
    'audit tail:--verdict') echo none ;;
    'audit tail:--target') echo none ;;
    'audit tail:--host') echo none ;;
    'audit tail:--from') echo none ;;
    'audit tail:--until') echo none ;;
    'audit tail:--ledger') echo folders ;;
    'audit search:--kind') echo none ;;
    'audit search:--actor') echo none ;;
    'audit search:--role') echo roles ;;
    'audit search:--grant') echo grants ;;
    'audit search:--session') echo none ;;
    'audit search:--effect') echo none ;;
    'audit search:--verdict') echo none ;;
    'audit search:--target') echo none ;;
    'audit search:--host') echo none ;;
    'audit search:--from') echo none ;;
    'audit search:--until') echo none ;;
    'audit search:--ledger') echo folders ;;
    'audit search:') echo none ;;
    'audit stats:--kind') echo none ;;
    'audit stats:--actor') echo none ;;
    'audit stats:--role') echo roles ;;
    'audit stats:--grant') echo grants ;;
    'audit stats:--session') echo none ;;
    'audit stats:--effect') echo none ;;
    'audit stats:--verdict') echo none ;;
    'audit stats:--target') echo none ;;
    'audit stats:--host') echo none ;;
    'audit stats:--from') echo none ;;
    'audit stats:--until') echo none ;;
    'audit stats:--ledger') echo folders ;;
    'audit play:--speed') echo none ;;
    'audit play:--idle-limit') echo none ;;
    'audit play:--ledger') echo folders ;;
    'audit play:') echo none ;;
    'audit verify:--ledger') echo folders ;;
    'audit verify:--key') echo files ;;
    'audit verify:--checkpoint') echo files ;;
    'audit verify:--proof') echo none ;;
    'audit verify:--check-proof') echo files ;;
    'audit export:--format') echo 'words jsonl csv ocsf' ;;
    'audit export:--kind') echo none ;;
    'audit export:--actor') echo none ;;
    'audit export:--role') echo roles ;;
    'audit export:--grant') echo grants ;;
    'audit export:--session') echo none ;;
    'audit export:--effect') echo none ;;
    'audit export:--verdict') echo none ;;
    'audit export:--target') echo none ;;
    'audit export:--host') echo none ;;
    'audit export:--from') echo none ;;
    'audit export:--until') echo none ;;
    'audit export:--ledger') echo folders ;;
    'audit report:--framework') echo 'words soc2 hipaa gdpr pci iso27001' ;;
    'audit report:--from') echo none ;;
    'audit report:--to') echo none ;;
    'audit report:--format') echo 'words html md json' ;;
    'audit report:--ledger') echo folders ;;
    'audit report:--key') echo files ;;
    'audit report:--sample') echo none ;;
    'audit report:--seed') echo none ;;
    'audit repair:--reason') echo none ;;
    'audit prune:--keep') echo none ;;
    'audit anomalies:--from') echo none ;;
    'audit anomalies:--ledger') echo folders ;;
    'audit reconcile:--ledger') echo folders ;;
    'audit reconcile:--from') echo none ;;
    'audit reconcile:--until') echo none ;;
    'audit reconcile:') echo files ;;
    'audit key:--ledger') echo folders ;;
    'audit checkpoint:--ledger') echo folders ;;
    'policy explain:--shell') echo none ;;
    'policy packs:--tool') echo none ;;
    'policy check:--role') echo roles ;;
    'policy check:--shell') echo none ;;
    'policy test:') echo files ;;
    'policy lint:') echo files ;;
    'local ssh-ca:--output') echo files ;;
    'local krl:--output') echo files ;;
    'local jwks:--output') echo files ;;
    'local denied:--output') echo files ;;
    'gcp credentials-file:--role') echo roles ;;
    'gcp credentials-file:--service-account') echo none ;;
    'gcp credentials-file:--output') echo files ;;
    'kubernetes kubeconfig:--role') echo roles ;;
    'kubernetes kubeconfig:--api-version') echo 'words v1 v1beta1' ;;
    'kubernetes kubeconfig:--output') echo files ;;
    'aws eks-token:--cluster') echo none ;;
    'aws eks-token:--region') echo none ;;
    'aws eks-token:--role') echo roles ;;
    'aws eks-token:--ttl') echo none ;;
    'aws eks-token:--reason') echo none ;;
    'aws eks-token:--ticket') echo none ;;
    'aws eks-token:--approval') echo files ;;
    'aws eks-token:--wait') echo none ;;
    'aws rds-token:--host') echo none ;;
    'aws rds-token:--port') echo none ;;
    'aws rds-token:--user') echo none ;;
    'aws rds-token:--region') echo none ;;
    'aws rds-token:--role') echo roles ;;
    'aws rds-token:--ttl') echo none ;;
    'aws rds-token:--reason') echo none ;;
    'aws rds-token:--ticket') echo none ;;
    'aws rds-token:--approval') echo files ;;
    'aws rds-token:--wait') echo none ;;
    'aws ecr-credential:--role') echo roles ;;
    'aws ecr-credential:--ttl') echo none ;;
    'aws ecr-credential:--reason') echo none ;;
    'aws ecr-credential:--ticket') echo none ;;
    'aws ecr-credential:--approval') echo files ;;
    'aws ecr-credential:--wait') echo none ;;
    'aws ecr-credential:') echo 'words get store erase list version' ;;
    'aws console:--destination') echo none ;;
    'aws console:--duration') echo none ;;
    'aws console:--region') echo none ;;
    'aws console:--role') echo roles ;;
    'aws console:--ttl') echo none ;;
    'aws console:--reason') echo none ;;
    'aws console:--ticket') echo none ;;
    'aws console:--approval') echo files ;;
    'aws console:--wait') echo none ;;
    'aws sso-roles:') echo none ;;
    'aws import-keys:--file') echo files ;;
    'aws import-keys:') echo none ;;
    'aws keys:--forget') echo none ;;
    'postgres password:--role') echo roles ;;
    'provider test:--parameters') echo none ;;
    'provider test:--timeout') echo none ;;
    'provider test:') echo files ;;
  esac
}
_prodaccess_runs_command() {
  case "$1" in
    exec) return 0 ;;
    'policy explain') return 0 ;;
    'policy check') return 0 ;;
    *) return 1 ;;
  esac
}

_prodaccess() {
  local cur=${COMP_WORDS[COMP_CWORD]} path="" i=1 word source
  COMPREPLY=()
  # Walk down the commands, then over options, to where the cursor stands.
  while [ "$i" -lt "$COMP_CWORD" ]; do
    word=${COMP_WORDS[i]}
    case " $(_prodaccess_commands "$path") " in
      *" $word "*) path="${path:+$path }$word" ;;
      *) break ;;
    esac
    i=$((i + 1))
  done
  if _prodaccess_runs_command "$path"; then
    while [ "$i" -lt "$COMP_CWORD" ]; do
      word=${COMP_WORDS[i]}
      if [ "$word" = -- ]; then i=$((i + 1)); _prodaccess_command "$i"; return; fi
      case "$word" in
        -*) [ -n "$(_prodaccess_value_source "$path" "$word")" ] && i=$((i + 1)) ;;
        *) _prodaccess_command "$i"; return ;;
      esac
      i=$((i + 1))
    done
  fi
  source=""
  case "${COMP_WORDS[COMP_CWORD - 1]}" in
    -*) source=$(_prodaccess_value_source "$path" "${COMP_WORDS[COMP_CWORD - 1]}") ;;
  esac
  if [ -n "$source" ]; then
    _prodaccess_offer "$source"
    return
  fi
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$(_prodaccess_options "$path")" -- "$cur")) ;;
    *)
      COMPREPLY=($(compgen -W "$(_prodaccess_commands "$path")" -- "$cur"))
      [ ${#COMPREPLY[@]} -eq 0 ] && _prodaccess_offer "$(_prodaccess_value_source "$path" "")"
      ;;
  esac
}

_prodaccess_offer() {
  case "$1" in
    roles | grants) COMPREPLY=($(compgen -W "$(prodaccess __complete "$1" 2>/dev/null)" -- "$cur")) ;;
    words\ *) COMPREPLY=($(compgen -W "${1#words }" -- "$cur")) ;;
    files) COMPREPLY=($(compgen -f -- "$cur")) ;;
    folders) COMPREPLY=($(compgen -d -- "$cur")) ;;
  esac
}

# The user's own command, from word $1 on.
_prodaccess_command() {
  if declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif [ "$COMP_CWORD" -eq "$1" ]; then
    COMPREPLY=($(compgen -c -- "$cur"))
  else
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}

complete -F _prodaccess prodaccess
