#include "core/command/language/mongosh.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/command/language/code_lexer.h"
#include "core/command/language/finding.h"
#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

using Kind = CodeToken::Kind;

constexpr CodeSyntax kSyntax{
    .slash_comments = true,
    .backquote_template = true,
    .slash_regex = true,
    .interpolation = "${",
    .regex_words = "return typeof case in of instanceof new delete void throw else do await yield"};

constexpr std::string_view kReads =
    "find findOne count countDocuments estimatedDocumentCount distinct explain getIndexes stats "
    "storageSize totalSize totalIndexSize dataSize limit skip sort toArray forEach map pretty "
    "hasNext next "
    "size itcount hint batchSize maxTimeMS project projection comment collation readPref "
    "readConcern "
    "allowDiskUse returnKey showRecordId getCollection getCollectionNames getCollectionInfos "
    "getName "
    "getSiblingDB getMongo getDB getDBNames getUsers getUser getRole getRoles getProfilingStatus "
    "serverStatus hostInfo currentOp isMaster hello version serverBuildInfo serverCmdLineOpts "
    "getReplicationInfo printReplicationInfo printSecondaryReplicationInfo printCollectionStats "
    "printShardingStatus getShardDistribution getShardVersion latencyStats validate isCapped "
    "getPlanCache list getLogComponents status conf config printSlaveReplicationInfo help "
    "listCommands "
    "getBalancerState isBalancerRunning getSecondaryOk setReadPref getReadPrefMode ping "
    "connectionStatus "
    "print printjson tojson EJSON JSON stringify parse ObjectId ISODate Date NumberLong NumberInt "
    "NumberDecimal UUID BinData Timestamp RegExp Object keys values entries filter reduce join "
    "split "
    "includes indexOf push slice toString valueOf getTimestamp toISOString log error length concat "
    "some "
    "every Math floor ceil round max min abs now getTime quit exit show sleep startsWith endsWith "
    "isArray "
    "parseInt parseFloat Number String Boolean Array Set Map replace trim toLowerCase toUpperCase "
    "getMonth getFullYear getDate setDate getDay toFixed isNaN flat tryNext close isExhausted "
    "objsLeftInBatch "
    "getSearchIndexes checkMetadataConsistency rsStatus adminListDatabases listDatabases addOption "
    "noCursorTimeout tailable cls edges match watch countDocument getIndexKeys "
    "getShardedDataDistribution "
    "isConfigShardEnabled printSecondaryInfo";

constexpr std::string_view kWrites =
    "insert insertOne insertMany updateOne replaceOne findOneAndUpdate findOneAndReplace "
    "findAndModify "
    "save createIndex createIndexes ensureIndex createCollection createView renameCollection "
    "setProfilingLevel setLogLevel reIndex compact collMod hideIndex unhideIndex "
    "refineCollectionShardKey "
    "enableSharding shardCollection reshardCollection moveChunk splitAt splitFind startBalancer "
    "enableBalancing enableAutoSplit addShardTag addShardToZone addTagRange updateZoneKeyRange "
    "freeze "
    "stepDown reconfig add addArb initiate syncFrom setSecondaryOk killOp killCursors fsyncUnlock "
    "createSearchIndex createSearchIndexes updateSearchIndex clear clearPlans planCacheClear "
    "initializeUnorderedBulkOp initializeOrderedBulkOp upsert setIndexCommitQuorum addShard "
    "balancerCollectionStatus awaitReplication printjsononeline";

constexpr std::string_view kDestroys =
    "drop dropDatabase dropIndex dropIndexes deleteOne deleteMany remove removeOne "
    "findOneAndDelete shutdownServer "
    "dropSearchIndex stopBalancer disableBalancing disableAutoSplit removeShard removeShardTag "
    "removeShardFromZone removeTagRange removeRangeFromZone fsyncLock convertToCapped "
    "cloneDatabase "
    "killAllSessions killSessions delete findAndRemove emptycapped commitReshardCollection "
    "abortReshardCollection unshardCollection dropCollection unlink rmSync rmdirSync unlinkSync";

constexpr std::string_view kRights =
    "createUser updateUser dropUser dropAllUsers grantRolesToUser revokeRolesFromUser createRole "
    "updateRole "
    "dropRole dropAllRoles grantPrivilegesToRole revokePrivilegesFromRole grantRolesToRole "
    "revokeRolesFromRole changeUserPassword logout auth";

constexpr std::size_t kLongestCall = 2048;  // tokens

// Fields that make runCommand({...}) or a stage of a pipeline change something.
Effect command_effect(std::string_view name) {
  if (one_of(
          name,
          "drop dropDatabase dropIndexes deleteIndexes delete shutdown emptycapped "
          "convertToCapped cloneCollectionAsCapped dropConnections removeShard balancerStop fsync "
          "killAllSessions killAllSessionsByPattern dropSearchIndex cleanupOrphaned "
          "setClusterParameter resync"))
    return Effect::Destructive;
  if (one_of(name,
             "createUser updateUser dropUser grantRolesToUser revokeRolesFromUser createRole "
             "updateRole dropRole grantPrivilegesToRole revokePrivilegesFromRole grantRolesToRole "
             "revokeRolesFromRole dropAllUsersFromDatabase dropAllRolesFromDatabase setParameter "
             "rotateCertificates invalidateUserCache"))
    return Effect::Privilege;
  if (one_of(name,
             "find count distinct collStats dbStats serverStatus ping hello isMaster ismaster "
             "buildInfo buildinfo listCollections listDatabases listIndexes listCommands hostInfo "
             "connectionStatus currentOp explain getParameter replSetGetStatus replSetGetConfig "
             "validate top getCmdLineOpts getLog usersInfo rolesInfo dataSize dbHash features "
             "whatsmyuri lockInfo connPoolStats shardConnPoolStats listShards getShardMap "
             "balancerStatus planCacheListFilters profile"))
    return Effect::Read;
  if (one_of(name,
             "insert create createIndexes renameCollection collMod compact reIndex "
             "killOp killCursors replSetStepDown replSetReconfig replSetFreeze replSetInitiate "
             "enableSharding shardCollection moveChunk split balancerStart "
             "setFeatureCompatibilityVersion logRotate fsyncUnlock setIndexCommitQuorum "
             "refreshSessions "
             "startSession endSessions addShard moveCollection flushRouterConfig"))
    return Effect::Write;
  return Effect::Opaque;
}

class Mongosh {
 public:
  Mongosh(std::string_view code, Inner& inner, SqlFinding& finding)
      : tokens_(lex_code(code, kSyntax)), inner_(inner), finding_(finding) {}

  void judge() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const CodeToken& token = tokens_[i];
      if (token.kind == Kind::Broken)
        raise_opaque(finding_, OpaqueCause::Limit, "a quote that does not close");
      if (!token.inner_code.empty() && token.kind != Kind::Regex) nested(token);
      if (token.kind == Kind::Word) word(i);
      if (token.symbol('[')) bracket(i);
      if (token.symbol(']') && symbol_at(i + 1, '(') &&
          !(i > 0 && tokens_[i - 1].kind == Kind::String))
        raise_opaque(finding_, OpaqueCause::Program, "calls what it looks up at run time");
    }
  }

 private:
  bool symbol_at(std::size_t i, char c) const { return i < tokens_.size() && tokens_[i].symbol(c); }

  void nested(const CodeToken& token) {
    for (const std::string& code : token.inner_code) {
      if (code == "\\") continue;
      // One level only: what stands inside a template inside a template is not followed.
      if (nested_) {
        raise_opaque(finding_, OpaqueCause::Limit, "code inside code, too deep");
        return;
      }
      Mongosh inside(code, inner_, finding_);
      inside.nested_ = true;
      inside.judge();
    }
  }

  // db["coll"]["drop"](): a member by its name.
  void bracket(std::size_t i) {
    if (i + 3 < tokens_.size() && tokens_[i + 1].kind == Kind::String &&
        tokens_[i + 2].symbol(']') && symbol_at(i + 3, '('))
      call(i + 1, tokens_[i + 1].value, i + 3);
  }

  void word(std::size_t i) {
    const std::string_view name = tokens_[i].text;
    // Where a call is passed on as a value, its name alone must do.
    const bool called = symbol_at(i + 1, '(');
    if (!called) {
      if (i > 0 && tokens_[i - 1].symbol('.') && !symbol_at(i + 1, '.') &&
          (one_of(name, kDestroys) || one_of(name, kRights)))
        raise(finding_, Effect::Destructive, std::string(name) + " is passed on");
      if (one_of(name, "eval Function require child_process"))
        raise_opaque(finding_, OpaqueCause::Program, "runs other code");
      if (name == "function" || name == "use" || name == "show") return;
      return;
    }
    if (one_of(name, "function if for while switch return catch typeof")) return;
    call(i, name, i + 1);
  }

  // Where the bracket at `open` closes; looked for only so far, so that nesting costs no more.
  std::size_t closing(std::size_t open) const {
    int depth = 0;
    const std::size_t limit = std::min(open + kLongestCall, tokens_.size());
    for (std::size_t i = open; i < limit; ++i) {
      if (tokens_[i].symbol('(') || tokens_[i].symbol('{') || tokens_[i].symbol('[')) ++depth;
      if (tokens_[i].symbol(')') || tokens_[i].symbol('}') || tokens_[i].symbol(']')) --depth;
      if (depth == 0) return i;
    }
    return limit;
  }

  void call(std::size_t i, std::string_view name, std::size_t open) {
    if (one_of(name, "aggregate bulkWrite mapReduce findAndModify runCommand adminCommand") &&
        closing(open) == open + kLongestCall)
      raise_opaque(finding_, OpaqueCause::Limit, "a call longer than what is judged");
    if (one_of(name,
               "load eval Function require run passwordPrompt runProgram rawMongoProgramOutput "
               "runMongoProgram copyFile writeFile removeFile mkdir cat ls cd pwd hostname fetch"))
      raise_opaque(finding_, OpaqueCause::Program,
                   std::string(name) + "() runs or reads other code");
    else if (name == "updateMany" || name == "update")
      update(i, open);
    else if (name == "aggregate")
      aggregate(open);
    else if (name == "bulkWrite")
      bulk(open);
    else if (name == "mapReduce")
      map_reduce(open);
    else if (one_of(name, "runCommand adminCommand _adminCommand _runCommand runReadCommand"))
      command(open);
    else if (one_of(name, kDestroys))
      destroy(i, name);
    else if (one_of(name, kRights))
      raise(finding_, Effect::Privilege, std::string(name) + " changes who may do what");
    else if (one_of(name, kWrites))
      write(i, name);
    else if (!one_of(name, kReads))
      raise_opaque(finding_, OpaqueCause::Unknown, std::string(name) + "() is not known");
    if (name == "findAndModify" && has(open, "remove"))
      raise(finding_, Effect::Destructive, "findAndModify removes a document");
    if (name == "renameCollection" && (has(open, "true") || has(open, "dropTarget")))
      raise(finding_, Effect::Destructive, "drops the collection of the new name first");
    if (name == "remove" && i >= 2 && tokens_[i - 2].is("rs"))
      raise(finding_, Effect::Destructive, "takes a member out of the replica set");
  }

  bool has(std::size_t open, std::string_view field) const {
    const std::size_t end = closing(open);
    for (std::size_t i = open; i < end; ++i) {
      if (tokens_[i].is(field) || (tokens_[i].kind == Kind::String && tokens_[i].value == field))
        return true;
    }
    return false;
  }

  void destroy(std::size_t i, std::string_view name) {
    raise(finding_, Effect::Destructive, std::string(name) + " removes or stops something");
    finding_.reversible = false;
    target(i);
  }

  void write(std::size_t i, std::string_view name) {
    raise(finding_, Effect::Write, std::string(name) + " changes data");
    target(i);
  }

  // db.COLLECTION.method( or db.getCollection("X").method(.
  void target(std::size_t i) {
    if (i < 2) return;
    if (tokens_[i - 2].kind == Kind::Word && !tokens_[i - 2].is("db") && !tokens_[i - 2].is("rs"))
      add_target(finding_, "mongodb", "", "collection", tokens_[i - 2].text);
    if (tokens_[i - 2].symbol(')') && i >= 3 && tokens_[i - 3].kind == Kind::String)
      add_target(finding_, "mongodb", "", "collection", tokens_[i - 3].value);
  }

  // An empty first argument matches every document.
  void update(std::size_t i, std::size_t open) {
    const bool every = symbol_at(open + 1, '{') && symbol_at(open + 2, '}');
    if (every) {
      destroy(i, "an update of every document");
    } else {
      write(i, "an update");
    }
  }

  void aggregate(std::size_t open) {
    if (has(open, "$out")) {
      raise(finding_, Effect::Destructive, "$out replaces a collection");
      finding_.reversible = false;
    }
    if (has(open, "$merge")) raise(finding_, Effect::Write, "$merge writes to a collection");
  }

  void bulk(std::size_t open) {
    raise(finding_, Effect::Write, "bulkWrite changes data");
    if (has(open, "deleteOne") || has(open, "deleteMany"))
      raise(finding_, Effect::Destructive, "bulkWrite deletes");
    const std::size_t end = closing(open);
    for (std::size_t i = open; i < end && i + 1 < tokens_.size(); ++i) {
      if (tokens_[i].kind == Kind::Word && !tokens_[i + 1].symbol(':') &&
          !tokens_[i + 1].symbol('('))
        raise_opaque(finding_, OpaqueCause::Unknown, "operations that are not on the line");
    }
  }

  void map_reduce(std::size_t open) {
    raise(finding_, has(open, "inline") ? Effect::Read : Effect::Destructive,
          "mapReduce may replace a collection");
  }

  // runCommand("name") or runCommand({name: ...}): the first field is the command.
  void command(std::size_t open) {
    std::size_t i = open + 1;
    if (symbol_at(i, '{')) ++i;
    if (i >= tokens_.size() || (tokens_[i].kind != Kind::Word && tokens_[i].kind != Kind::String)) {
      raise_opaque(finding_, OpaqueCause::Program, "a command that is not on the line");
      return;
    }
    const bool is_name = tokens_[i].kind == Kind::String || symbol_at(i + 1, ':');
    const std::string name =
        tokens_[i].kind == Kind::String ? tokens_[i].value : std::string(tokens_[i].text);
    if (!is_name || name == "eval" || name == "$eval") {
      raise_opaque(finding_, OpaqueCause::Program, "a command that is not on the line");
    } else if (name == "aggregate") {
      aggregate(open);
    } else if (name == "update" || name == "findAndModify" || name == "bulkWrite") {
      raise(finding_, Effect::Write, name + " changes data");
      if (has(open, "remove") || empty_filter(open) || has(open, "delete"))
        raise(finding_, Effect::Destructive, name + " of every document, or removes");
    } else if (name == "mapReduce" || name == "mapreduce") {
      map_reduce(open);
    } else {
      const Effect effect = command_effect(name);
      if (effect == Effect::Opaque)
        raise_opaque(finding_, OpaqueCause::Unknown, "a database command that is not known");
      else
        raise(finding_, effect, effect == Effect::Read ? "" : "the database command " + name);
      if (effect == Effect::Destructive) finding_.reversible = false;
    }
  }

  // `q: {}`.
  bool empty_filter(std::size_t open) const {
    const std::size_t end = closing(open);
    for (std::size_t i = open; i < end && i + 3 < tokens_.size(); ++i) {
      if ((tokens_[i].is("q") || tokens_[i].value == "q") && tokens_[i + 1].symbol(':') &&
          tokens_[i + 2].symbol('{') && tokens_[i + 3].symbol('}'))
        return true;
    }
    return false;
  }

  CodeTokens tokens_;
  Inner& inner_;
  SqlFinding& finding_;
  bool nested_ = false;
};

}  // namespace

SqlFinding classify_mongosh(std::string_view code, Inner& inner) {
  SqlFinding finding = harmless_finding();
  Mongosh(code, inner, finding).judge();
  return finding;
}

}  // namespace prodaccess
