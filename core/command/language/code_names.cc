#include "core/command/language/code_names.h"

#include "core/command/language/javascript_names.h"
#include "core/command/language/python_names.h"

namespace prodaccess {
namespace {

constexpr CodeNames kPerl{
    .syntax = {.hash_comments = true,
               .backquote_command = true,
               .sigils = true,
               .slash_regex = true,
               .quote_operators = true,
               .interpolation = "@{",
               .regex_words = "split grep map if unless and or not while until return join when",
               .unreadable =
                   "<<\" <<' <<~ <<A <<B <<C <<D <<E <<F <<H <<I <<L <<M <<P <<R <<S <<T <<X <<_ "
                   "\n= __END__ __DATA__"},
    .keywords =
        "if unless else elsif while until for foreach my our local sub return last next redo do "
        "and or "
        "not x eq ne lt gt le ge cmp xor BEGIN END INIT __END__ __FILE__ __LINE__ use no require "
        "package STDIN STDOUT STDERR ARGV ENV ARGVOUT",
    .harmless =
        "print printf say length substr index rindex lc uc lcfirst ucfirst join split map grep "
        "sort "
        "reverse keys values each exists delete defined push pop shift unshift splice sprintf abs "
        "int "
        "sqrt sin cos atan2 exp log hex oct rand srand time localtime gmtime chomp chop chr ord "
        "pos "
        "quotemeta pack unpack wantarray scalar ref bless die warn exit undef close eof binmode "
        "read getc readline sleep opendir readdir closedir stat lstat select vec lstat caller "
        "study "
        "decode_json encode_json to_json from_json new decode encode pretty canonical utf8 "
        "allow_nonref "
        "Dumper sum sum0 max min first any all none uniq reduce shuffle floor ceil fmod strftime "
        "mktime "
        "encode_base64 decode_base64 md5_hex sha1_hex sha256_hex blessed looks_like_number reftype "
        "weaken wrap basename dirname fileparse cwd getcwd gethostbyname getpwuid getpwnam "
        "getppid tr ymd hms isatty fileno lock prototype local ctime",
    .modules =
        "strict warnings utf8 feature English bigint bignum integer vars constant lib JSON "
        "JSON::PP "
        "Data::Dumper List::Util POSIX Time::Local Time::Piece Time::HiRes MIME::Base64 "
        "Digest::MD5 "
        "Digest::SHA Text::Wrap Text::ParseWords Scalar::Util Encode Getopt::Long Cwd "
        "File::Basename "
        "Carp open locale Unicode::Normalize File::Spec Socket Sys::Hostname YAML::Tiny Storable "
        "File::Path File::Copy File::Temp IO::File IO::Handle",
    .shell = "system exec readpipe",
    .programs = "fork",
    .deletes = "unlink rmdir truncate remove_tree rmtree remove",
    .writes =
        "rename mkdir symlink link utime make_path mkpath copy move syswrite sysopen dbmopen "
        "write_file "
        "cp mv chdir umask store nstore",
    .rights = "chmod chown chroot",
    .stops = "kill reboot",
    .code = "eval evalbytes syscall dump AUTOLOAD can UNIVERSAL retrieve thaw",
    .imports = "use require no",
    .bare_calls = true};

constexpr CodeNames kRuby{
    .syntax = {.hash_comments = true,
               .backquote_command = true,
               .sigils = true,
               .slash_regex = true,
               .percent_quotes = true,
               .interpolation = "#{",
               .regex_words = "if unless and or not while until return when then puts print p in",
               .unreadable =
                   "<<~ <<- <<\" <<' <<A <<B <<C <<D <<E <<F <<H <<S <<T <<R ?' ?\" ?` \n=begin "
                   "__END__"},
    .keywords =
        "alias and begin BEGIN break case class def defined? do else elsif end END ensure false "
        "for if "
        "in module next nil not or redo rescue retry return self super then true undef unless "
        "until "
        "when while yield lambda proc __FILE__ __method__ __dir__",
    .harmless =
        "puts print p pp printf format sprintf gets to_s to_i to_f to_a to_h to_sym to_r to_c "
        "to_str "
        "to_json inspect each map collect flat_map select filter reject find detect sort sort_by "
        "uniq "
        "join split first last size length count sum min max minmax sub gsub tr delete squeeze "
        "match "
        "match? scan strip lstrip rstrip chomp chop chars bytes lines upcase downcase capitalize "
        "swapcase reverse include? empty? nil? any? all? none? one? zero? even? odd? positive? "
        "negative? keys values dig fetch key? has_key? value? parse generate pretty_generate "
        "safe_load "
        "strftime strptime now today iso8601 times upto downto step each_with_index each_line "
        "each_char "
        "each_slice each_cons each_with_object each_pair each_key each_value readlines read "
        "readline "
        "foreach binread group_by partition tally zip flatten compact transpose rotate sample "
        "shuffle "
        "take drop take_while drop_while inject reduce push pop shift unshift insert concat merge "
        "slice except invert transform_values transform_keys to_set new hexdigest digest encode64 "
        "decode64 strict_encode64 strict_decode64 urlsafe_encode64 urlsafe_decode64 hex uuid rand "
        "srand "
        "random_bytes random_number alphanumeric abs ceil floor round truncate_to divmod pow gcd "
        "lcm "
        "digits ord chr encode force_encoding unpack unpack1 pack start_with? end_with? index "
        "rindex "
        "center ljust rjust succ next_day prev_day year month day hour minute sec wday exist? "
        "exists? "
        "file? directory? basename dirname extname expand_path absolute_path glob entries children "
        "mtime stat size? pwd getwd home escape unescape encode_www_form URI escape_html is_a? "
        "kind_of? "
        "instance_of? respond_to? freeze frozen? dup clone tap then itself lazy cycle "
        "with_index loop sleep exit raise freeze hash object_id class name message key values_at "
        "bsearch combination permutation product sum fdiv infinite? nan? sqrt log log2 log10 sin "
        "cos "
        "hypot Integer Float String Array Hash Rational Complex JSON YAML CSV Time Date DateTime "
        "Math "
        "Base64 Digest MD5 SHA1 SHA256 SHA512 SecureRandom File Dir IO ENV ARGV ARGF STDIN STDOUT "
        "STDERR "
        "Kernel Struct Set Random Comparable Enumerable Range Regexp Encoding UTF_8 RUBY_VERSION "
        "RUBY_PLATFORM Pathname Etc Socket gethostname StandardError OpenStruct ERB BigDecimal "
        "each_byte "
        "getlogin nprocessors flush sync write_nonblock upto values max_by min_by sum_by "
        "filter_map "
        "each_entry chunk_while slice_when none lines readchar getc eof? close table headers "
        "by_row",
    .modules =
        "json yaml time date csv set securerandom digest base64 uri optparse pathname openssl erb "
        "bigdecimal ostruct pp prime matrix etc socket shellwords fileutils open3 tempfile "
        "stringio "
        "English digest/md5 digest/sha1 digest/sha2 zlib benchmark",
    .shell =
        "system exec spawn popen capture2 capture2e capture3 popen2 popen2e popen3 pipeline "
        "pipeline_r",
    .programs = "fork",
    .deletes =
        "unlink rm rm_r rm_f rm_rf rmtree rmdir remove remove_dir remove_entry remove_entry_secure "
        "remove_file safe_unlink truncate",
    .writes =
        "write binwrite rename mkdir mkdir_p makedirs mkpath touch cp cp_r copy mv move ln ln_s "
        "symlink "
        "link install copy_file copy_stream utime mkfifo chdir",
    .rights = "chmod chmod_R chown chown_R lchmod lchown chroot",
    .stops = "kill abort",
    .code =
        "eval instance_eval class_eval module_eval instance_exec class_exec send public_send "
        "__send__ "
        "method instance_method define_method const_get binding unsafe_load Marshal ObjectSpace "
        "load autoload method_missing instance_variable_get syscall trap at_exit Fiddle DL "
        "public_method "
        "singleton_method require_relative load_file load_documents call",
    .imports = "require",
    .bare_calls = true};

constexpr CodeNames kPhp{
    .syntax = {.hash_comments = true,
               .slash_comments = true,
               .backquote_command = true,
               .sigils = true,
               .interpolation = "{$",
               .unreadable = "<<< ?>"},
    .keywords =
        "abstract and array as break callable case catch class clone const continue declare "
        "default do "
        "echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile extends "
        "final "
        "finally fn for foreach function global if implements instanceof insteadof interface isset "
        "list match namespace new or print private protected public readonly return static switch "
        "throw trait try unset use var while xor yield true false null php",
    .harmless =
        "strlen count sizeof print_r var_dump var_export printf sprintf vsprintf number_format "
        "implode "
        "explode join str_replace str_ireplace substr strpos stripos strrpos strstr stristr "
        "substr_count "
        "strtolower strtoupper ucfirst lcfirst ucwords trim ltrim rtrim nl2br htmlspecialchars "
        "html_entity_decode htmlentities strip_tags addslashes stripslashes str_pad str_repeat "
        "strrev "
        "str_split str_contains str_starts_with str_ends_with wordwrap chunk_split md5 sha1 crc32 "
        "hash "
        "hash_hmac hash_algos base64_encode base64_decode bin2hex hex2bin urlencode urldecode "
        "rawurlencode rawurldecode http_build_query parse_str parse_url json_encode json_decode "
        "json_last_error json_last_error_msg serialize array_keys array_values array_merge "
        "array_sum array_product array_unique array_reverse array_slice array_splice array_flip "
        "array_fill "
        "array_combine array_chunk array_column array_diff array_intersect array_key_exists "
        "array_pop "
        "array_push array_shift array_unshift array_rand array_search in_array range sort rsort "
        "ksort "
        "krsort asort arsort shuffle compact date time microtime mktime strtotime gmdate "
        "date_default_timezone_get date_default_timezone_set checkdate getdate idate hrtime abs "
        "ceil "
        "floor round sqrt pow max min intdiv fmod rand mt_rand random_int random_bytes pi log exp "
        "sin "
        "cos tan is_array is_string is_int is_numeric is_null is_bool is_float is_object gettype "
        "intval floatval strval boolval settype phpversion php_sapi_name php_uname "
        "sys_get_temp_dir "
        "memory_get_usage memory_get_peak_usage gethostname getmypid get_current_user "
        "extension_loaded "
        "get_loaded_extensions function_exists class_exists method_exists defined ini_get "
        "zend_version "
        "file_get_contents file file_exists is_file is_dir is_readable is_writable filesize "
        "filemtime "
        "fileperms stat basename dirname pathinfo realpath glob scandir getcwd readfile fgets "
        "fgetcsv "
        "fread feof fclose uniqid password_verify password_hash mb_strlen mb_substr mb_strtolower "
        "mb_strtoupper preg_match preg_match_all preg_split preg_quote preg_replace iconv "
        "utf8_encode "
        "utf8_decode ord chr dechex hexdec bindec decbin base_convert usleep sleep exit die "
        "DateTime "
        "format stream_get_contents error_log trigger_error error_reporting set_time_limit key "
        "current "
        "end reset next levenshtein similar_text soundex metaphone nl_langinfo version_compare "
        "array_filter array_walk usort array_map array_reduce uasort uksort",
    .modules = "",
    .shell = "system exec shell_exec passthru popen",
    .programs = "proc_open pcntl_exec pcntl_fork",
    .deletes = "unlink rmdir ftruncate",
    .writes =
        "file_put_contents fwrite fputs fputcsv rename mkdir symlink link touch copy "
        "move_uploaded_file "
        "fopen tempnam tmpfile chdir",
    .rights = "chmod chown chgrp lchown posix_setuid",
    .stops = "posix_kill",
    .code =
        "eval assert create_function call_user_func call_user_func_array include include_once "
        "require "
        "require_once preg_replace_callback unserialize extract dl ReflectionFunction "
        "register_shutdown_function "
        "ob_start putenv mail phpinfo getenv invoke func_get_args FFI set_error_handler "
        "forward_static_call iterator_apply",
    .imports = ""};

constexpr CodeNames kGroovy{
    .syntax = {.slash_comments = true,
               .triple_quotes = true,
               .slash_regex = true,
               .interpolation = "${",
               .regex_words = "return in case",
               .unreadable = "$/"},
    .keywords =
        "def if else while for in return class new import package true false null as assert break "
        "case "
        "catch continue default do extends finally implements instanceof interface super switch "
        "this "
        "throw throws trait try int long double float boolean String void char byte",
    .harmless =
        "println print printf size each eachLine collect findAll find any every sort unique join "
        "split "
        "tokenize trim toUpperCase toLowerCase contains startsWith endsWith replace replaceAll "
        "substring length indexOf toInteger toString toLong toDouble sum max min reverse first "
        "last "
        "get keySet values getText text format now parseText parse JsonSlurper Date File exists "
        "isDirectory getName listFiles eachFile withIndex groupBy inject take drop padLeft "
        "padRight "
        "encodeBase64 decodeBase64 getBytes prettyPrint toJson",
    .modules = "groovy.json.JsonSlurper groovy.json.JsonOutput java.util java.time",
    .shell = "execute",
    .programs = "ProcessBuilder",
    .deletes = "delete deleteDir deleteOnExit doDelete",
    .writes = "write append withWriter setText mkdir mkdirs renameTo leftShift createNewFile",
    .rights = "setReadable setWritable setExecutable",
    .stops = "doKill stop exit doStop safeRestart",
    .code =
        "evaluate Eval me invokeMethod metaClass GroovyShell getRuntime exec forName getMethod "
        "newInstance getInstance Jenkins load",
    .imports = "import"};

constexpr CodeNames kLua{
    .syntax = {.dash_comments = true, .long_brackets = true, .unreadable = "[="},
    .keywords =
        "and break do else elseif end false for function goto if in local nil not or repeat return "
        "then "
        "true until while",
    .harmless =
        "print pairs ipairs next type tostring tonumber select error assert pcall xpcall unpack "
        "rawget rawlen rawequal format rep sub gsub gmatch match find byte char len lower upper "
        "reverse insert concat sort abs ceil floor max min sqrt random randomseed huge pi pow fmod "
        "date time clock difftime getenv read lines write input close pack setmetatable "
        "getmetatable modf tointeger",
    .modules = "",
    .shell = "execute popen",
    .programs = "",
    .deletes = "remove",
    .writes = "rename tmpname output open tmpfile",
    .rights = "",
    .stops = "",
    .code = "load loadstring dofile loadfile require debug package setfenv getfenv _G _ENV rawset",
    .imports = ""};

}  // namespace

const CodeNames* code_names(Language language) {
  switch (language) {
    case Language::Python: return &kPython;
    case Language::JavaScript: return &kJavaScript;
    case Language::Perl: return &kPerl;
    case Language::Ruby: return &kRuby;
    case Language::Php: return &kPhp;
    case Language::Groovy: return &kGroovy;
    case Language::Lua: return &kLua;
    default: return nullptr;
  }
}

}  // namespace prodaccess
