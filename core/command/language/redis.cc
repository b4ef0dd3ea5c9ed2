#include "core/command/language/redis.h"

#include <cstdlib>
#include <optional>

#include "core/base/text.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

using Arguments = std::vector<std::string>;

constexpr std::string_view kReads =
    "asking auth bitcount bitfield_ro bitpos client.getname client.getredir client.id client.info "
    "client.list client.trackinginfo cluster.countkeysinslot cluster.getkeysinslot cluster.info "
    "cluster.keyslot cluster.links cluster.myid cluster.myshardid cluster.nodes cluster.replicas "
    "cluster.shards cluster.slaves cluster.slots cluster.count-failure-reports command "
    "command.count "
    "command.docs command.getkeys command.getkeysandflags command.info command.list config.help "
    "dbsize "
    "debug.object debug.sleep debug.jmap discard echo exec exists expiretime function.list "
    "function.stats geodist geohash geopos "
    "georadius_ro georadiusbymember_ro geosearch get getbit getrange hello help hexists "
    "hexpiretime "
    "hget hgetall hkeys hlen hmget hpexpiretime hpttl hrandfield hscan hstrlen httl hvals info "
    "keys lastsave latency.doctor latency.graph latency.help latency.histogram latency.history "
    "latency.latest lcs lindex llen lolwut lpos lrange memory.doctor memory.help "
    "memory.malloc-stats "
    "memory.stats memory.usage mget module.list monitor multi object.encoding object.freq "
    "object.help "
    "object.idletime object.refcount pexpiretime pfcount ping psubscribe pttl pubsub.channels "
    "pubsub.help pubsub.numpat pubsub.numsub pubsub.shardchannels pubsub.shardnumsub punsubscribe "
    "quit "
    "randomkey readonly readwrite replicas reset role scan scard script.exists script.show sdiff "
    "select "
    "sinter sintercard sismember slowlog.get slowlog.help slowlog.len smembers smismember sort_ro "
    "srandmember sscan ssubscribe strlen stralgo subscribe substr sunion sunsubscribe time "
    "ttl type unsubscribe unwatch wait waitaof watch xinfo.consumers xinfo.groups xinfo.help "
    "xinfo.stream xlen xpending xrange xread xrevrange zcard zcount zdiff zinter zintercard "
    "zlexcount "
    "zmscore zrandmember zrange zrangebylex zrangebyscore zrank zrevrange zrevrangebylex "
    "zrevrangebyscore zrevrank zscan zscore zunion acl.cat acl.help acl.list acl.whoami acl.users "
    "acl.dryrun acl.log client.help client.no-touch client.no-evict client.caching client.tracking "
    "client.reply client.setname client.setinfo sentinel.masters sentinel.master sentinel.replicas "
    "sentinel.slaves sentinel.sentinels sentinel.get-master-addr-by-name sentinel.ckquorum "
    "sentinel.info-cache sentinel.myid sentinel.is-master-down-by-addr json.get json.mget "
    "json.type "
    "json.strlen json.objkeys json.objlen json.arrlen json.arrindex json.resp ft.search "
    "ft.aggregate "
    "ft.info ft._list ft.explain ft.explaincli ft.profile ft.tagvals ft.sugget ft.suglen "
    "ft.dictdump "
    "ft.spellcheck ft.syndump ts.get ts.mget ts.range ts.revrange ts.mrange ts.mrevrange ts.info "
    "ts.queryindex bf.exists bf.mexists bf.info bf.card cf.exists cf.mexists cf.info cf.count "
    "cms.query "
    "cms.info topk.query topk.list topk.info topk.count tdigest.info tdigest.quantile tdigest.cdf "
    "graph.ro_query graph.list graph.explain";

constexpr std::string_view kWrites =
    "append bitfield bitop blmove brpoplpush client.kill client.pause client.unblock "
    "client.unpause "
    "cluster.meet cluster.saveconfig cluster.bumpepoch config.rewrite config.resetstat copy decr "
    "decrby "
    "function.load function.dump geoadd geosearchstore georadius georadiusbymember hincrby "
    "hincrbyfloat "
    "hmset hset hsetnx hpersist hsetex "
    "incr incrby incrbyfloat latency.reset linsert lmove lpush lpushx lset memory.purge move mset "
    "msetnx object.touch persist pfadd pfmerge psetex publish rename renamenx restore rpoplpush "
    "rpush "
    "rpushx sadd script.load sdiffstore set setbit setex setnx setrange sinterstore smove "
    "spublish sunionstore touch xack xadd xautoclaim xclaim xgroup.create xgroup.createconsumer "
    "xreadgroup xsetid zadd zdiffstore zincrby zinterstore zrangestore zunionstore json.set "
    "json.mset "
    "json.merge json.numincrby json.nummultby json.strappend json.arrappend json.arrinsert "
    "json.toggle "
    "ft.create ft.alter ft.sugadd ft.dictadd ft.aliasadd ft.aliasupdate ft.synupdate ft.config "
    "ts.create ts.add ts.madd ts.incrby ts.decrby ts.createrule bf.add bf.madd bf.reserve "
    "bf.insert "
    "cf.add cf.addnx cf.reserve cf.insert cms.incrby cms.initbydim cms.initbyprob cms.merge "
    "topk.add "
    "topk.reserve topk.incrby tdigest.create tdigest.add tdigest.merge bgrewriteaof save bgsave "
    "sentinel.set sentinel.monitor sentinel.flushconfig sentinel.failover script.debug pfdebug "
    "debug.reload sentinel.reset cluster.addslots cluster.addslotsrange cluster.set-config-epoch "
    "cluster.replicate cluster.failover failover";

constexpr std::string_view kDestroys =
    "blpop brpop blmpop bzmpop bzpopmax bzpopmin lmpop zmpop cluster.delslots "
    "cluster.delslotsrange cluster.flushslots "
    "cluster.forget cluster.reset cluster.setslot debug.segfault debug.panic "
    "debug.restart debug.oom debug.crash-and-recover debug.flushall debug.loadaof "
    "debug.quicklist-packed-threshold "
    "del flushall flushdb function.delete function.flush function.restore getdel hdel hgetdel "
    "lpop lrem ltrim module.unload rpop script.flush script.kill function.kill shutdown "
    "slowlog.reset "
    "spop srem swapdb unlink xdel xdelex xgroup.delconsumer xgroup.destroy xgroup.setid xtrim "
    "zpopmax zpopmin "
    "zrem zremrangebylex zremrangebyrank zremrangebyscore json.del "
    "json.forget json.clear json.arrpop json.arrtrim ft.dropindex ft.drop ft.sugdel ft.dictdel "
    "ft.aliasdel ts.del ts.deleterule cf.del graph.delete tdigest.reset sentinel.remove "
    "acl.log.reset";

constexpr std::string_view kRights =
    "acl.setuser acl.deluser acl.save acl.load module.load module.loadex";
constexpr std::string_view kMovesOut = "acl.getuser acl.genpass dump migrate psync replconf sync";

// Words of one line: blanks separate, "..." takes backslash escapes, '...' takes \' alone.
Arguments split_words(std::string_view line) {
  Arguments words;
  std::size_t i = 0;
  while (i < line.size()) {
    while (i < line.size() && static_cast<unsigned char>(line[i]) <= ' ') ++i;
    if (i >= line.size()) break;
    std::string word;
    while (i < line.size() && static_cast<unsigned char>(line[i]) > ' ') {
      const char quote = line[i];
      if (quote != '"' && quote != '\'') {
        word += line[i++];
        continue;
      }
      for (++i; i < line.size() && line[i] != quote; ++i) {
        if (line[i] != '\\' || i + 1 >= line.size()) {
          word += line[i];
        } else if (const auto byte = quote == '"' && line[i + 1] == 'x'
                                         ? unhex(line.substr(i + 2, 2))
                                         : std::nullopt;
                   byte && byte->size() == 1) {
          word += *byte;
          i += 3;
        } else {
          word += line[++i];
        }
      }
      ++i;
    }
    words.push_back(std::move(word));
  }
  return words;
}

bool has_word(const Arguments& words, std::string_view wanted) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (to_lower(words[i]) == wanted) return true;
  }
  return false;
}

constexpr std::string_view kFamilies =
    "acl client cluster command config debug function latency memory module object pubsub script "
    "sentinel slowlog xgroup xinfo";

// Lua that the server runs: what its redis.call names.
void judge_script(const std::string& body, SqlFinding& finding) {
  raise_opaque(finding, OpaqueCause::Program, "a script that the server runs");
  std::string word;
  for (const char c : to_lower(body) + " ") {
    if ((c >= 'a' && c <= 'z') || c == '.' || (c >= '0' && c <= '9')) {
      word += c;
      continue;
    }
    if (one_of(word, kDestroys)) raise(finding, Effect::Destructive, "the script calls " + word);
    if (word == "acl") raise(finding, Effect::Privilege, "the script changes accounts");
    word.clear();
  }
}

void judge_config_set(const Arguments& words, SqlFinding& finding) {
  raise(finding, Effect::Write, "changes the server's configuration");
  for (std::size_t i = 2; i < words.size(); i += 2) {
    const std::string name = to_lower(words[i]);
    if (one_of(name,
               "requirepass masterauth masteruser protected-mode bind aclfile tls-auth-clients "
               "tls-port port user default-user enable-debug-command enable-module-command "
               "rename-command unixsocketperm tls-key-file tls-cert-file tls-ca-cert-file"))
      raise(finding, Effect::Privilege, "changes who may reach the server: " + name);
    const std::string value = i + 1 < words.size() ? to_lower(words[i + 1]) : std::string();
    if (one_of(name, "dir dbfilename appendfilename appenddirname"))
      raise(finding, Effect::Destructive, "moves where the data is written: " + name);
    if ((name == "save" && value.empty()) || (name == "appendonly" && value != "yes") ||
        (name == "appendfsync" && value == "no") || name == "maxmemory-policy" ||
        name == "maxmemory" || name == "replica-read-only" || name == "min-replicas-to-write" ||
        name == "maxclients" || (name == "save" && value == "0 0"))
      raise(finding, Effect::Destructive, "turns a safeguard of the data down: " + name);
  }
}

void judge_config_get(const Arguments& words, SqlFinding& finding) {
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::string pattern = to_lower(words[i]);
    for (const std::string_view secret : {"requirepass", "masterauth", "tls-key-file-pass"}) {
      if (glob_match(pattern, secret))
        raise(finding, Effect::Exfil, "shows the server's passwords");
    }
  }
}

// EXPIRE and its like: a time in the past deletes at once.
void judge_expiry(const std::string& name, const Arguments& words, SqlFinding& finding) {
  raise(finding, Effect::Write, "sets when the key goes");
  if (words.size() < 3) return;
  char* end = nullptr;
  const long long number = std::strtoll(words[2].c_str(), &end, 10);
  if (end == words[2].c_str() || *end != '\0') {
    raise_opaque(finding, OpaqueCause::Unknown, "a time that is not known");
    return;
  }
  const bool absolute = name.ends_with("at");
  const long long past = name.find("pexpire") != std::string::npos ? 1000000000000 : 1000000000;
  if (number <= 0 || (absolute && number < past))
    raise(finding, Effect::Destructive, "an expiry in the past deletes the key");
}

bool judge_by_arguments(const std::string& name, const Arguments& words, SqlFinding& finding) {
  if (name == "config.set") {
    judge_config_set(words, finding);
  } else if (name == "config.get") {
    judge_config_get(words, finding);
  } else if (one_of(name, "eval eval_ro evalsha evalsha_ro fcall fcall_ro")) {
    judge_script(words.size() > 1 ? words[1] : std::string(), finding);
  } else if (one_of(name,
                    "expire pexpire expireat pexpireat hexpire hpexpire hexpireat hpexpireat")) {
    judge_expiry(name, words, finding);
  } else if (name == "sort") {
    if (has_word(words, "store")) raise(finding, Effect::Write, "stores its result");
  } else if (name == "getex") {
    const bool changes = words.size() > 2;
    if (changes) raise(finding, Effect::Write, "changes when the key goes");
  } else if (name == "getset") {
    raise(finding, Effect::Write, "replaces a value");
  } else if (name == "replicaof" || name == "slaveof") {
    const bool promotes = has_word(words, "no") && has_word(words, "one");
    raise(finding, promotes ? Effect::Write : Effect::Destructive,
          promotes ? "stops replication" : "replaces all the data by another server's");
    raise(finding, Effect::Destructive, "changes replication");
  } else if (name == "client.kill" || name == "client.pause") {
    raise(finding, Effect::Write, "interrupts clients");
  } else if (name == "acl.log" && has_word(words, "reset")) {
    raise(finding, Effect::Destructive, "empties a log");
  } else if (name == "restore" && has_word(words, "replace")) {
    raise(finding, Effect::Write, "replaces a value");
  } else if (name == "xadd" && (has_word(words, "maxlen") || has_word(words, "minid"))) {
    raise(finding, Effect::Write, "adds and trims");
  } else if (name == "graph.query") {
    raise_opaque(finding, OpaqueCause::Program, "a query language that is not judged");
  } else {
    return false;
  }
  return true;
}

void judge_command(Arguments words, SqlFinding& finding) {
  if (words.empty()) return;
  // redis-cli repeats a command that a number precedes.
  if (words[0].find_first_not_of("0123456789") == std::string::npos) words.erase(words.begin());
  if (words.empty()) return;
  std::string name = to_lower(words[0]);
  if (one_of(name, kFamilies) && words.size() > 1) name += "." + to_lower(words[1]);
  if (judge_by_arguments(name, words, finding)) return;
  if (one_of(name, kReads)) return;
  if (one_of(name, kDestroys)) {
    raise(finding, Effect::Destructive, name + " removes, empties or stops something");
    finding.reversible = false;
    if (words.size() > 1 && name.find('.') == std::string::npos)
      add_target(finding, "redis", "", "key", words[1]);
  } else if (one_of(name, kRights)) {
    raise(finding, Effect::Privilege, name + " changes who may do what");
  } else if (one_of(name, kMovesOut)) {
    raise(finding, Effect::Exfil, name + " moves data or a secret out");
    if (name == "migrate" && !has_word(words, "copy"))
      raise(finding, Effect::Destructive, "MIGRATE removes the keys here");
  } else if (one_of(name, kWrites)) {
    raise(finding, Effect::Write, name + " changes data");
  } else {
    raise_opaque(finding, OpaqueCause::Unknown, "a command that is not known");
  }
}

}  // namespace

SqlFinding classify_redis(std::string_view text) {
  SqlFinding finding = harmless_finding();
  for (const std::string& line : split(text, '\n')) judge_command(split_words(line), finding);
  return finding;
}

}  // namespace prodaccess
