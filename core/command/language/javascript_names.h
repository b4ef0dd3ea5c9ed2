// What names of JavaScript do; see code_names.h. Sources: the language's reference and standard
// library.
#pragma once

#include "core/command/language/code_names.h"

namespace prodaccess {

inline constexpr CodeNames kJavaScript{
    .syntax = {.slash_comments = true,
               .backquote_template = true,
               .slash_regex = true,
               .interpolation = "${",
               .regex_words =
                   "return typeof case in of instanceof new delete void throw else do await yield"},
    .keywords =
        "break case catch class const continue debugger default delete do else export extends "
        "finally "
        "for function if in instanceof let new return static super switch this throw try typeof "
        "var "
        "void while with yield async await of true false null undefined get set",
    .harmless =
        "log error warn info debug table dir time timeEnd stringify parse keys values entries map "
        "filter reduce reduceRight forEach find findIndex findLast some every includes indexOf "
        "lastIndexOf join split slice splice concat push pop shift unshift sort reverse flat "
        "flatMap "
        "fill at toString toFixed toPrecision toUpperCase toLowerCase trim trimStart trimEnd "
        "padStart "
        "padEnd repeat replace replaceAll match matchAll search startsWith endsWith charAt "
        "charCodeAt "
        "codePointAt fromCharCode substring substr localeCompare normalize test isArray isInteger "
        "isFinite isNaN parseInt parseFloat Number String Boolean Array Object Date Math JSON Map "
        "Set "
        "WeakMap Symbol BigInt RegExp Error TypeError RangeError Promise resolve all allSettled "
        "race "
        "then catch finally from assign freeze fromEntries hasOwnProperty hasOwn is abs max min "
        "floor "
        "ceil round trunc random pow sqrt cbrt log2 log10 exp sin cos tan sign hypot now "
        "toISOString "
        "toJSON toLocaleString toLocaleDateString toLocaleTimeString getTime getFullYear getMonth "
        "getDate getDay getHours getMinutes getSeconds getMilliseconds setDate setHours "
        "getTimezoneOffset UTC Buffer alloc byteLength encodeURIComponent "
        "decodeURIComponent encodeURI decodeURI atob btoa URL URLSearchParams TextEncoder "
        "TextDecoder "
        "encode decode append get has set add size next readFileSync readFile existsSync "
        "readdirSync "
        "readdir statSync stat lstatSync realpathSync accessSync createReadStream basename dirname "
        "extname relative normalize isAbsolute format inspect on once setEncoding read resume cwd "
        "uptime memoryUsage hrtime nextTick exit write end hostname totalmem freemem cpus loadavg "
        "platform arch release type homedir tmpdir userInfo networkInterfaces EOL createHash "
        "createHmac "
        "update digest randomBytes randomUUID randomInt getHashes createInterface line setTimeout "
        "setInterval setImmediate clearTimeout clearInterval structuredClone queueMicrotask Intl "
        "DateTimeFormat NumberFormat formatToParts resolvedOptions localeCompare deepEqual equal "
        "ok "
        "strictEqual assert toSorted groupBy require",
    .modules =
        "fs path os util url querystring crypto assert events readline zlib string_decoder buffer "
        "process child_process console punycode perf_hooks timers stream node:fs node:path node:os "
        "node:util node:url node:crypto node:assert node:events node:readline node:zlib "
        "node:buffer "
        "node:process node:child_process node:querystring",
    .shell = "execSync",
    .programs = "spawn spawnSync execFile execFileSync fork",
    .deletes =
        "unlink unlinkSync rm rmSync rmdir rmdirSync truncate truncateSync ftruncateSync rimraf "
        "remove "
        "removeSync emptyDirSync unlinkFile",
    .writes =
        "writeFile writeFileSync appendFile appendFileSync mkdir mkdirSync rename renameSync "
        "copyFile "
        "copyFileSync cpSync symlink symlinkSync linkSync createWriteStream open openSync "
        "mkdtempSync "
        "utimesSync outputFileSync chdir",
    .rights = "chmod chmodSync chown chownSync lchownSync setuid setgid",
    .stops = "kill abort",
    .code =
        "eval Function constructor mainModule binding dlopen vm runInThisContext runInNewContext "
        "runInContext import Module _load createRequire Reflect Proxy globalThis global __proto__ "
        "fromCodePoint defineProperty",
    .imports = "require"};

}  // namespace prodaccess
