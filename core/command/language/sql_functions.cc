#include "core/command/language/sql_functions.h"

#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

// MySQL 8.0 reference manual, "Built-In Function and Operator Reference"; MariaDB shares them.
constexpr std::string_view kMysql =
    "abs acos adddate addtime aes_decrypt aes_encrypt any_value ascii asin atan atan2 avg "
    "benchmark bin bin_to_uuid bit_and bit_count bit_length bit_or bit_xor ceil ceiling "
    "char_length character_length charset coalesce coercibility compress concat concat_ws "
    "connection_id conv convert_tz cos cot count crc32 cume_dist curdate current_date "
    "current_role current_time current_timestamp current_user curtime database date_add "
    "date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear default degrees "
    "dense_rank elt exp export_set extractvalue field find_in_set first_value floor format "
    "format_bytes format_pico_time found_rows from_base64 from_days from_unixtime "
    "geomcollection geometrycollection greatest group_concat grouping gtid_subset gtid_subtract "
    "hex hour icu_version ifnull inet6_aton inet6_ntoa inet_aton inet_ntoa insert instr "
    "interval is_free_lock is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 is_used_lock is_uuid "
    "isnull json_array json_array_append json_array_insert json_arrayagg json_contains "
    "json_contains_path json_depth json_exists json_extract json_insert json_keys json_length "
    "json_merge json_merge_patch json_merge_preserve json_object json_objectagg json_overlaps "
    "json_pretty json_query json_quote json_remove json_replace json_schema_valid json_search "
    "json_set json_storage_free json_storage_size json_table json_type json_unquote json_valid "
    "json_value lag last_day last_insert_id lcase lead least length linestring ln localtime "
    "localtimestamp locate log log10 log2 lower lpad ltrim make_set makedate maketime "
    "master_pos_wait max md5 microsecond mid min minute mod month monthname multilinestring "
    "multipoint multipolygon name_const now nth_value ntile nullif oct octet_length ord "
    "percent_rank period_add period_diff pi point polygon position pow power "
    "ps_current_thread_id ps_thread_id quarter quote radians rand random_bytes rank "
    "regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse roles_graphml "
    "round row_count row_number rpad rtrim schema sec_to_time second session_user sha sha1 sha2 "
    "sign sin sleep soundex source_pos_wait space sqrt st_area st_asbinary st_asgeojson "
    "st_astext st_buffer st_centroid st_contains st_crosses st_difference st_dimension "
    "st_disjoint st_distance st_distance_sphere st_envelope st_equals st_geomfromgeojson "
    "st_geomfromtext st_intersection st_intersects st_isvalid st_latitude st_length "
    "st_longitude st_overlaps st_srid st_touches st_union st_within st_x st_y statement_digest "
    "statement_digest_text std stddev stddev_pop stddev_samp str_to_date strcmp subdate substr "
    "substring substring_index subtime sum sysdate system_user tan time_format time_to_sec "
    "timediff timestampadd timestampdiff to_base64 to_days to_seconds trim ucase uncompress "
    "uncompressed_length unhex unix_timestamp updatexml upper user utc_date utc_time "
    "utc_timestamp uuid uuid_short uuid_to_bin validate_password_strength var_pop var_samp "
    "variance version wait_for_executed_gtid_set week weekday weekofyear weight_string year "
    "yearweek ";
constexpr NameSet<count_names(kMysql)> kMysqlSet(kMysql);

// What other servers have beside: the standard's, SQL Server's, Snowflake's, ClickHouse's,
// Oracle's.
constexpr std::string_view kOthers =
    "abbrev aclcontains acldefault aclexplode aclinsert aclitemeq aclremove acosd acosh "
    "add_months age akeys anytextcat approx_count_distinct approx_percentile approx_quantiles "
    "approxcountdistinct approximate_row_count area argmax argmin array_agg array_append "
    "array_cat array_concat array_construct array_contains array_dims array_fill array_length "
    "array_lower array_ndims array_position array_positions array_prepend array_remove "
    "array_replace array_reverse array_sample array_shuffle array_size array_sort array_to_json "
    "array_to_string array_to_tsvector array_unique_agg array_upper arraydistinct arrayjoin "
    "arraymap arraysort asind asinh atan2d atand atanh avals bit bitand bitor blobastext bool "
    "bool_and bool_or booland_agg booleq boolge boolgt boolle boollt boolne boolor_agg "
    "bound_box box bpchar broadcast bytea cardinality casefold cbrt center char charindex "
    "checksum choose chr chunks_detailed_size cideq cidr circle clock_timestamp col_description "
    "collect_list collect_set contains convert convert_from convert_to corr cosd cosh cotd "
    "count_big count_if countif covar_pop covar_samp crc32c crypt cube current_account "
    "current_database current_query current_region current_schema current_schemas "
    "current_setting current_version current_warehouse currval date date_bin date_diff "
    "date_from_parts date_larger date_part date_smaller date_subtract date_trunc dateadd "
    "datemultirange datename datepart daterange datetrunc db_id db_name decode diagonal "
    "diameter digest div dmetaphone dump earth_box earth_distance edit_distance "
    "elem_contained_by_multirange elem_contained_by_range encode endswith enum_first enum_last "
    "enum_range eomonth equal_null erf erfc error_message error_number every extract factorial "
    "family flatten float4 float8 format_type formatdatetime formatreadablesize "
    "from_iso8601_timestamp from_json fuzzystrmatch gamma gcd gen_random_bytes gen_random_uuid "
    "gen_salt generate_date_array generate_series generate_subscripts get_bit get_byte "
    "get_current_ts_config get_json_object get_path getdatabaseencoding getdate getpgusername "
    "getutcdate has_dbaccess has_perms_by_name hash height hmac host host_name hostmask "
    "hypertable_detailed_size hypertable_size iff in_range inet inet_client_addr "
    "inet_client_port inet_merge inet_same_family inet_server_addr inet_server_port initcap "
    "int2 int4 int4multirange int4range int8 int8multirange int8range intarray is_normalized "
    "isclosed isdate isempty isfinite ishorizontal isjson isnumeric isopen isparallel isperp "
    "isvertical json json_agg json_array_element json_array_element_text json_array_elements "
    "json_array_elements_text json_array_length json_build_array json_build_object json_each "
    "json_each_text json_extract_path json_extract_path_text json_extract_scalar "
    "json_object_agg json_object_field json_object_field_text json_object_keys json_parse "
    "json_populate_record json_populate_recordset json_scalar json_serialize json_strip_nulls "
    "json_to_record json_to_recordset json_to_tsvector json_typeof jsonb jsonb_agg "
    "jsonb_array_element jsonb_array_element_text jsonb_array_elements "
    "jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object "
    "jsonb_concat jsonb_contained jsonb_contains jsonb_delete jsonb_delete_path jsonb_each "
    "jsonb_each_text jsonb_exists jsonb_exists_all jsonb_exists_any jsonb_extract_path "
    "jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg jsonb_object_field "
    "jsonb_object_field_text jsonb_object_keys jsonb_path_exists jsonb_path_exists_opr "
    "jsonb_path_exists_tz jsonb_path_match jsonb_path_match_opr jsonb_path_match_tz "
    "jsonb_path_query jsonb_path_query_array jsonb_path_query_array_tz jsonb_path_query_first "
    "jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record "
    "jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls "
    "jsonb_to_record jsonb_to_recordset jsonb_to_tsvector jsonb_typeof justify_days "
    "justify_hours justify_interval last_query_id last_value lastval lcm left len levenshtein "
    "levenshtein_less_equal lgamma like line listagg ll_to_earth lo_get lower_inc lower_inf "
    "lseg macaddr macaddr8 make_date make_interval make_time make_timestamp make_timestamptz "
    "makeaclitem masklen maxtimeuuid median merge_action metaphone min_scale mintimeuuid mode "
    "money months_between multirange mxid_age name nanvl netmask network newid next_day nodata "
    "normalize npoints num_nonnulls num_nulls numeric nummultirange numnode numrange nvl nvl2 "
    "obj_description object_agg object_construct object_definition object_id object_name "
    "object_schema_name objectproperty oid openjson overlaps overlay page_header parse_ident "
    "parse_json parsename path patindex percentile percentile_approx percentile_cont "
    "percentile_disc pgstatindex pgstattuple pgstattuple_approx phraseto_tsquery "
    "plainto_tsquery postgis_full_version postgis_version postgres_fdw_get_connections "
    "postgresql_fdw_validator quantile querytree quote_ident quote_literal quote_nullable "
    "quotename radius random random_normal range_agg range_merge ratio_to_report regclass "
    "regexp_contains regexp_count regexp_extract regexp_extract_all regexp_match regexp_matches "
    "regexp_split_to_array regexp_split_to_table regnamespace regproc regr_avgx regr_avgy "
    "regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy regrole regtype "
    "result_scan right row_security_active row_to_json rowcount safe_cast safe_divide scale "
    "schema_name scope_identity sequence serverproperty set_bit set_byte set_masklen setseed "
    "setweight sha224 sha256 sha384 sha512 shobj_description similarity sind sinh skeys slope "
    "split split_part square starts_with startswith statement_timestamp stdev stdevp str "
    "strftime strict_word_similarity string_agg string_split string_to_array string_to_table "
    "strip strpos struct_pack stuff suser_name suser_sname svals sys_context sys_extract_utc "
    "sysdatetime sysutcdatetime table_generator tand tanh text text_ge text_gt text_larger "
    "text_le text_lt text_pattern_ge text_pattern_gt text_pattern_le text_pattern_lt "
    "text_smaller textregexeq textregexne time time_bucket time_bucket_gapfill timeofday "
    "timestamp timestamptz timetz timetzdate_pl timezone to_ascii to_bin to_char to_clob "
    "to_date to_decimal to_hex to_json to_jsonb to_number to_oct to_regclass to_regcollation "
    "to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure to_regrole to_regtype "
    "to_string to_timestamp to_timestamp_ltz to_timestamp_ntz to_timestamp_tz to_tsquery "
    "to_tsvector to_uuid to_variant todate todatetime today toint32 toint64 token tostartofday "
    "tostartofhour tostartofminute tostring touint32 touint64 tounixtimestamp touuid "
    "transaction_timestamp translate trim_array trim_scale trunc try_cast try_convert "
    "try_parse_json try_to_number tsmultirange tsquery_and tsquery_cmp tsquery_eq tsquery_ge "
    "tsquery_gt tsquery_le tsquery_lt tsquery_ne tsquery_not tsquery_or tsquery_phrase tsrange "
    "tstzmultirange tstzrange tsvector_to_array ttl typeof tzoffset unaccent uniq uniqexact "
    "unistr unix_millis unnest upper_inc upper_inf user_name userenv uuid_extract_timestamp "
    "uuid_extract_version uuid_generate_v1 uuid_generate_v4 uuid_generate_v5 uuidv4 uuidv7 "
    "varbit varchar verify_heapam websearch_to_tsquery width width_bucket word_similarity "
    "writetime xid xid8 xml xml_is_well_formed xml_is_well_formed_content "
    "xml_is_well_formed_document xmlagg xmlcomment xmlconcat2 xmlexists xmltext xmlvalidate "
    "xpath xpath_exists yesterday zeroifnull ";
constexpr NameSet<count_names(kOthers)> kOthersSet(kOthers);

}  // namespace

Effect mysql_function(std::string_view name) {
  if (kMysqlSet.contains(kMysql, name) || name.starts_with("st_") || name.starts_with("json_"))
    return Effect::Read;
  if (one_of(name, "load_file")) return Effect::Exfil;
  if (one_of(name, "get_lock release_lock release_all_locks")) return Effect::Write;
  if (one_of(name, "sys_exec sys_eval sys_set lib_mysqludf_sys_info")) return Effect::Destructive;
  if (one_of(name,
             "asynchronous_connection_failover_delete_source group_replication_set_as_primary "
             "group_replication_switch_to_single_primary_mode keyring_key_remove "
             "asynchronous_connection_failover_reset audit_log_filter_remove_user"))
    return Effect::Destructive;
  return Effect::Opaque;
}

// SQLite has no stored functions: another name is an error unless an extension brought it.
Effect sqlite_function(std::string_view name) {
  if (name == "load_extension" || name == "fts3_tokenizer" || name == "edit" || name == "eval")
    return Effect::Opaque;
  if (name == "writefile") return Effect::Destructive;
  if (name == "readfile") return Effect::Exfil;
  return Effect::Read;
}

// BigQuery's functions change nothing, user-defined ones included; a query can call no procedure.
Effect bigquery_function(std::string_view name) {
  if (name == "external_query") return Effect::Opaque;
  return Effect::Read;
}

Effect general_function(std::string_view name) {
  if (kMysqlSet.contains(kMysql, name) || kOthersSet.contains(kOthers, name)) return Effect::Read;
  if (one_of(name, "nextval setval pg_cancel_backend pg_reload_conf get_lock"))
    return Effect::Write;
  if (one_of(name, "pg_terminate_backend lo_unlink pg_drop_replication_slot xp_cmdshell"))
    return Effect::Destructive;
  if (one_of(name,
             "load_file pg_read_file lo_export url s3 file remote openrowset opendatasource "
             "openquery utl_http utl_file"))
    return Effect::Exfil;
  return Effect::Opaque;
}

}  // namespace prodaccess
