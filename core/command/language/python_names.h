// What names of Python do; see code_names.h. Sources: the language's reference and standard
// library.
#pragma once

#include "core/command/language/code_names.h"

namespace prodaccess {

inline constexpr CodeNames kPython{
    .syntax = {.hash_comments = true, .triple_quotes = true, .prefixed_strings = true},
    .keywords =
        "and as assert async await break class continue def del elif else except finally for from "
        "global if import in is lambda nonlocal not or pass raise return try while with yield "
        "match "
        "case True False None self",
    .harmless =
        "print len range int float str bool list dict set tuple sorted reversed enumerate zip map "
        "filter "
        "sum min max abs round any all isinstance issubclass type repr chr ord hex oct bin bytes "
        "bytearray format hash id iter next input slice divmod pow complex frozenset ascii "
        "callable "
        "object super exit quit memoryview property staticmethod classmethod read readline "
        "readlines "
        "write writelines flush close getvalue get keys values items append extend pop popleft "
        "appendleft insert index count sort reverse copy update clear setdefault split rsplit "
        "splitlines "
        "join strip lstrip rstrip lower upper title capitalize casefold swapcase replace "
        "startswith "
        "endswith find rfind rindex encode decode isdigit isalpha isalnum isnumeric isdecimal "
        "islower "
        "isupper isspace zfill ljust rjust center partition rpartition translate maketrans "
        "removeprefix "
        "removesuffix expandtabs format_map hex fromhex as_integer_ratio bit_length to_bytes "
        "from_bytes "
        "match search findall finditer fullmatch sub subn group groups groupdict span start end "
        "escape "
        "loads dumps load dump now utcnow today strftime strptime isoformat fromisoformat "
        "timestamp "
        "fromtimestamp utcfromtimestamp timedelta date datetime time timezone total_seconds "
        "weekday "
        "isoweekday isocalendar astimezone combine ctime gmtime localtime mktime b64encode "
        "b64decode "
        "b32encode b32decode b16encode b16decode urlsafe_b64encode urlsafe_b64decode "
        "standard_b64decode "
        "a85encode a85decode hexdigest digest md5 sha1 sha224 sha256 sha384 sha512 sha3_256 "
        "blake2b "
        "hexlify unhexlify crc32 sqrt floor ceil trunc log log2 log10 exp sin cos tan asin acos "
        "atan "
        "atan2 degrees radians factorial gcd lcm comb perm isclose isnan isinf fsum prod hypot "
        "mean "
        "median mode stdev variance quantiles choice choices randint randrange random uniform "
        "shuffle "
        "sample seed gauss token_hex token_urlsafe token_bytes randbelow uuid1 uuid3 uuid4 uuid5 "
        "UUID "
        "platform node machine release python_version uname processor architecture exists isfile "
        "isdir "
        "islink basename dirname abspath realpath expanduser expandvars relpath commonprefix "
        "getsize "
        "getmtime getctime splitext splitdrive normpath getcwd listdir walk scandir stat lstat "
        "getpid "
        "getppid getuid geteuid cpu_count getloadavg glob iglob rglob read_text read_bytes home "
        "cwd "
        "exists is_file is_dir iterdir resolve absolute with_suffix with_name joinpath as_posix "
        "Path "
        "PurePath urlparse urlsplit urlunparse parse_qs parse_qsl quote quote_plus unquote "
        "unquote_plus "
        "urlencode urljoin reader writer DictReader DictWriter writerow writerows writeheader "
        "StringIO "
        "BytesIO Counter defaultdict OrderedDict namedtuple deque most_common elements chain "
        "islice "
        "groupby product permutations combinations accumulate takewhile dropwhile starmap repeat "
        "cycle "
        "zip_longest tee reduce partial lru_cache cache wraps cmp_to_key pprint pformat dedent "
        "indent "
        "fill wrap shorten safe_load safe_load_all safe_dump add discard union intersection "
        "difference "
        "symmetric_difference issubset issuperset isdisjoint sleep perf_counter monotonic "
        "process_time "
        "ip_address ip_network ip_interface hosts getsizeof getrecursionlimit getdefaultencoding "
        "gethostname getuser getfqdn Decimal Fraction Enum dataclass field itemgetter attrgetter "
        "bisect bisect_left bisect_right heapify heappush heappop nlargest nsmallest unescape "
        "unified_diff get_close_matches pack unpack calcsize calendar month monthrange isleap "
        "isatty "
        "fileno fileinput decompress compress find_spec ElementTree parse fromstring findtext "
        "iterparse "
        "getroot tostring JSONEncoder JSONDecoder JSONDecodeError is_relative_to year ZoneInfo "
        "get_path get_paths get_config_var getsitepackages text name ratio deepcopy reconfigure "
        "Exception BaseException ValueError KeyError TypeError IndexError RuntimeError OSError "
        "IOError "
        "StopIteration AttributeError SystemExit NotImplementedError ZeroDivisionError",
    .modules =
        "json sys re math cmath datetime base64 hashlib hmac textwrap itertools collections "
        "functools "
        "string statistics uuid platform csv io urllib yaml pprint calendar time random secrets "
        "struct "
        "binascii ipaddress os glob pathlib shlex getpass locale decimal fractions operator typing "
        "dataclasses enum copy heapq bisect html unicodedata difflib zlib gzip bz2 lzma zoneinfo "
        "tomllib "
        "toml tomli configparser xml socket subprocess shutil numbers array keyword token "
        "sysconfig site "
        "ssl warnings errno signal stat types abc contextlib fileinput __future__ fnmatch logging",
    .shell = "system popen getoutput getstatusoutput",
    .programs =
        "run call check_call check_output Popen execv execve execvp execvpe execl execle execlp "
        "execlpe spawnl spawnv spawnve spawnlp spawnvp posix_spawn posix_spawnp fork forkpty",
    .deletes = "remove unlink rmdir removedirs rmtree truncate ftruncate",
    .writes =
        "rename renames replace_file move copy2 copyfile copytree copymode copystat makedirs mkdir "
        "touch write_text write_bytes symlink link symlink_to hardlink_to mkfifo mknod utime "
        "make_archive unpack_archive extractall extract sendfile putenv",
    .rights = "chmod chown lchown lchmod fchmod fchown setuid setgid setxattr chroot",
    .stops = "kill killpg pthread_kill raise_signal abort reboot",
    .code =
        "eval exec compile __import__ getattr setattr delattr globals locals vars dir __builtins__ "
        "builtins import_module runpy run_path run_module exec_module importlib ctypes CDLL pickle "
        "marshal breakpoint help settrace setprofile modules meta_path _getframe unsafe_load "
        "full_load methodcaller",
    .imports = "import from"};

}  // namespace prodaccess
