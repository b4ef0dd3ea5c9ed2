#include "core/command/language/postgres_functions.h"

#include "core/command/language/name_set.h"

namespace prodaccess {
namespace {

// From pg_proc of PostgreSQL 15 (provolatile 'i' and 's', no internal types, the functions behind
// operators left out), the volatile ones that only look, those added up to PostgreSQL 18, and the
// usual ones of contrib, PostGIS and TimescaleDB.
constexpr std::string_view kHarmless =
    "abbrev abs aclcontains acldefault aclexplode aclinsert aclitemeq aclremove acos acosd "
    "acosh age akeys any_value anytextcat approximate_row_count area array_agg array_append "
    "array_cat array_dims array_fill array_lower array_ndims array_position array_positions "
    "array_prepend array_remove array_replace array_reverse array_sample array_shuffle "
    "array_sort array_to_json array_to_string array_to_tsvector array_upper ascii asin asind "
    "asinh atan atan2 atan2d atand atanh avals avg bit bit_and bit_count bit_or bit_xor bool "
    "bool_and bool_or booleq boolge boolgt boolle boollt boolne bound_box box bpchar broadcast "
    "bt_index_check bt_index_parent_check bt_metap bt_page_items bt_page_stats bytea "
    "cardinality casefold cbrt ceil ceiling center char char_length character_length chr "
    "chunks_detailed_size cideq cidr circle clock_timestamp col_description concat concat_ws "
    "convert convert_from convert_to corr cos cosd cosh cot cotd count covar_pop covar_samp "
    "crc32 crc32c crypt cube cume_dist current_database current_query current_schema "
    "current_schemas current_setting current_user currval date date_add date_bin date_larger "
    "date_part date_smaller date_subtract date_trunc datemultirange daterange decode degrees "
    "dense_rank diagonal diameter digest div dmetaphone earth_box earth_distance "
    "elem_contained_by_multirange elem_contained_by_range encode enum_first enum_last "
    "enum_range erf erfc every exp extract factorial family first_value float4 float8 floor "
    "format format_type gamma gcd gen_random_bytes gen_random_uuid gen_salt generate_series "
    "generate_subscripts get_bit get_byte get_current_ts_config get_raw_page "
    "getdatabaseencoding getpgusername heap_page_item_attrs heap_page_items height hmac host "
    "hostmask hstore hstore_to_json hstore_to_jsonb hypertable_detailed_size hypertable_size "
    "in_range inet inet_client_addr inet_client_port inet_merge inet_same_family "
    "inet_server_addr inet_server_port initcap int2 int4 int4multirange int4range int8 "
    "int8multirange int8range intarray interval is_normalized isclosed isempty isfinite "
    "ishorizontal isopen isparallel isperp isvertical json json_agg json_array "
    "json_array_element json_array_element_text json_array_elements json_array_elements_text "
    "json_array_length json_arrayagg json_build_array json_build_object json_each "
    "json_each_text json_exists json_extract_path json_extract_path_text json_object "
    "json_object_agg json_object_field json_object_field_text json_object_keys json_objectagg "
    "json_populate_record json_populate_recordset json_query json_scalar json_serialize "
    "json_strip_nulls json_to_record json_to_recordset json_to_tsvector json_typeof json_value "
    "jsonb jsonb_agg jsonb_array_element jsonb_array_element_text jsonb_array_elements "
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
    "justify_hours justify_interval lag last_value lastval lcm lead left length levenshtein "
    "levenshtein_less_equal lgamma like line ll_to_earth ln lo_get log log10 lower lower_inc "
    "lower_inf lpad lseg ltrim macaddr macaddr8 make_date make_interval make_time "
    "make_timestamp make_timestamptz makeaclitem masklen max md5 merge_action metaphone min "
    "min_scale mod mode money multirange mxid_age name netmask network normalize now npoints "
    "nth_value ntile num_nonnulls num_nulls numeric nummultirange numnode numrange "
    "obj_description octet_length oid overlaps overlay page_header parse_ident path "
    "percent_rank percentile_cont percentile_disc pg_available_extension_versions "
    "pg_available_extensions pg_available_wal_summaries pg_backend_pid pg_basetype "
    "pg_blocking_pids pg_buffercache_pages pg_buffercache_summary pg_char_to_encoding "
    "pg_client_encoding pg_collation_actual_version pg_collation_for pg_column_compression "
    "pg_column_is_updatable pg_column_size pg_column_toast_chunk_id pg_conf_load_time pg_config "
    "pg_control_checkpoint pg_control_init pg_control_recovery pg_control_system "
    "pg_current_logfile pg_current_snapshot pg_current_wal_flush_lsn pg_current_wal_insert_lsn "
    "pg_current_wal_lsn pg_current_xact_id pg_current_xact_id_if_assigned pg_cursor "
    "pg_database_collation_actual_version pg_database_size pg_describe_object "
    "pg_encoding_max_length pg_encoding_to_char pg_export_snapshot pg_extension_update_paths "
    "pg_filenode_relation pg_freespace pg_get_backend_memory_contexts pg_has_role "
    "pg_hba_file_rules pg_ident_file_mappings pg_identify_object pg_identify_object_as_address "
    "pg_index_column_has_property pg_index_has_property pg_indexam_has_property "
    "pg_indexam_progress_phasename pg_indexes_size pg_input_error_info pg_input_is_valid "
    "pg_is_in_recovery pg_is_other_temp_schema pg_is_wal_replay_paused pg_jit_available "
    "pg_last_committed_xact pg_last_wal_receive_lsn pg_last_wal_replay_lsn "
    "pg_last_xact_replay_timestamp pg_listening_channels pg_lock_status "
    "pg_logical_slot_peek_binary_changes pg_logical_slot_peek_changes pg_ls_archive_statusdir "
    "pg_ls_dir pg_ls_logdir pg_ls_logicalmapdir pg_ls_logicalsnapdir pg_ls_replslotdir "
    "pg_ls_tmpdir pg_ls_waldir pg_lsn pg_mcv_list_items pg_my_temp_schema "
    "pg_notification_queue_usage pg_numa_available pg_options_to_table pg_partition_ancestors "
    "pg_partition_root pg_partition_tree pg_postmaster_start_time pg_prepared_statement "
    "pg_prepared_xact pg_prewarm pg_relation_filenode pg_relation_filepath "
    "pg_relation_is_publishable pg_relation_is_updatable pg_relation_size "
    "pg_replication_origin_oid pg_replication_origin_progress pg_safe_snapshot_blocking_pids "
    "pg_sequence_last_value pg_sequence_parameters pg_settings_get_flags "
    "pg_show_all_file_settings pg_show_all_settings pg_show_replication_origin_status "
    "pg_size_bytes pg_size_pretty pg_sleep pg_sleep_for pg_sleep_until pg_snapshot_xip "
    "pg_snapshot_xmax pg_split_walfile_name pg_stat_clear_snapshot pg_stat_file "
    "pg_stat_get_backend_io pg_stat_have_stats pg_stat_statements pg_stat_statements_info "
    "pg_table_size pg_tablespace_databases pg_tablespace_location pg_tablespace_size "
    "pg_timezone_abbrevs pg_timezone_names pg_total_relation_size pg_trigger_depth pg_typeof "
    "pg_visibility pg_visibility_map pg_visibility_map_summary pg_visible_in_snapshot "
    "pg_wal_lsn_diff pg_wal_summary_contents pg_walfile_name pg_walfile_name_offset "
    "pg_xact_commit_timestamp pg_xact_commit_timestamp_origin pg_xact_status pgstatindex "
    "pgstattuple pgstattuple_approx phraseto_tsquery pi plainto_tsquery point position "
    "postgis_full_version postgis_version postgres_fdw_get_connections postgresql_fdw_validator "
    "pow power querytree quote_ident quote_literal quote_nullable radians radius random "
    "random_normal range_agg range_merge rank regclass regexp_count regexp_instr regexp_like "
    "regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table "
    "regexp_substr regnamespace regproc regr_avgx regr_avgy regr_count regr_intercept regr_r2 "
    "regr_slope regr_sxx regr_sxy regr_syy regrole regtype repeat replace reverse right round "
    "row_number row_security_active row_to_json rpad rtrim scale session_user set_bit set_byte "
    "set_masklen setseed setweight sha224 sha256 sha384 sha512 shobj_description show_chunks "
    "show_trgm sign similarity sin sind sinh skeys slope soundex split_part sqrt st_area "
    "st_asbinary st_asewkt st_asgeojson st_asmvt st_asmvtgeom st_astext st_azimuth st_boundary "
    "st_buffer st_centroid st_closestpoint st_collect st_contains st_convexhull st_coveredby "
    "st_covers st_crosses st_difference st_disjoint st_distance st_distancesphere st_dwithin "
    "st_endpoint st_envelope st_equals st_expand st_extent st_flipcoordinates st_geogfromtext "
    "st_geometryn st_geometrytype st_geomfromewkt st_geomfromgeojson st_geomfromtext "
    "st_intersection st_intersects st_isempty st_isvalid st_isvalidreason st_length "
    "st_linelocatepoint st_makeenvelope st_makeline st_makepoint st_makepolygon st_makevalid "
    "st_npoints st_numgeometries st_overlaps st_perimeter st_point st_pointonsurface st_setsrid "
    "st_simplify st_srid st_startpoint st_tileenvelope st_touches st_transform st_translate "
    "st_union st_within st_x st_xmax st_xmin st_y st_ymax st_ymin starts_with "
    "statement_timestamp stddev stddev_pop stddev_samp strict_word_similarity string_agg "
    "string_to_array string_to_table strip strpos substr substring sum svals system_user tan "
    "tand tanh text text_ge text_gt text_larger text_le text_lt text_pattern_ge text_pattern_gt "
    "text_pattern_le text_pattern_lt text_smaller textregexeq textregexne time time_bucket "
    "time_bucket_gapfill timeofday timestamp timestamptz timetz timetzdate_pl timezone to_ascii "
    "to_bin to_char to_date to_hex to_json to_jsonb to_number to_oct to_regclass "
    "to_regcollation to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure "
    "to_regrole to_regtype to_timestamp to_tsquery to_tsvector transaction_timestamp translate "
    "trim_array trim_scale trunc ts_debug ts_delete ts_filter ts_headline ts_lexize ts_parse "
    "ts_rank ts_rank_cd ts_token_type tsmultirange tsquery_and tsquery_cmp tsquery_eq "
    "tsquery_ge tsquery_gt tsquery_le tsquery_lt tsquery_ne tsquery_not tsquery_or "
    "tsquery_phrase tsrange tstzmultirange tstzrange tsvector_to_array txid_current "
    "txid_current_if_assigned txid_current_snapshot txid_snapshot_xip txid_snapshot_xmax "
    "txid_status txid_visible_in_snapshot unaccent unistr unnest upper upper_inc upper_inf uuid "
    "uuid_extract_timestamp uuid_extract_version uuid_generate_v1 uuid_generate_v4 "
    "uuid_generate_v5 uuidv4 uuidv7 var_pop var_samp varbit varchar variance verify_heapam "
    "version websearch_to_tsquery width width_bucket word_similarity xid xid8 xml "
    "xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document xmlagg "
    "xmlcomment xmlconcat2 xmlexists xmltext xmlvalidate xpath xpath_exists ";
constexpr NameSet<count_names(kHarmless)> kHarmlessSet(kHarmless);

// Harmless, yet with another answer the second time.
constexpr std::string_view kNotRepeatable =
    "clock_timestamp random random_normal gen_random_uuid uuid_generate_v1 uuid_generate_v4 uuidv4 "
    "uuidv7 timeofday currval lastval setseed statement_timestamp pg_sleep pg_sleep_for "
    "pg_sleep_until gen_salt gen_random_bytes array_sample array_shuffle pg_current_xact_id "
    "txid_current pg_export_snapshot lo_get pg_prewarm";

constexpr std::string_view kStops =
    "pg_terminate_backend pg_wal_replay_pause pg_promote cron.unschedule "
    "pg_replication_origin_session_reset";

constexpr std::string_view kDeletes =
    "lo_unlink lo_truncate lo_truncate64 pg_drop_replication_slot pg_replication_slot_advance "
    "pg_logical_slot_get_changes pg_logical_slot_get_binary_changes pg_replication_origin_drop "
    "pg_replication_origin_advance pg_stat_reset pg_stat_reset_shared pg_stat_reset_slru "
    "pg_stat_reset_single_table_counters pg_stat_reset_single_function_counters "
    "pg_stat_reset_replication_slot pg_stat_reset_subscription_stats pg_stat_reset_backend_stats "
    "pg_stat_statements_reset pg_stat_kcache_reset pg_file_unlink pg_file_rename pg_file_write "
    "pg_truncate_visibility_map heap_force_kill heap_force_freeze drop_chunks dropgeometrycolumn "
    "dropgeometrytable add_retention_policy detach_tablespace delete_job remove_retention_policy "
    "pg_restore_relation_stats pg_clear_relation_stats pg_clear_attribute_stats lo_manage vacuumlo "
    "brin_desummarize_range undistribute_table drop_old_time_partitions";

constexpr std::string_view kWrites =
    "nextval setval lo_creat lo_create lo_import lo_from_bytea lo_put lowrite lo_open lo_close "
    "lo_lseek lo_lseek64 lo_tell lo_tell64 loread pg_cancel_backend pg_reload_conf "
    "pg_rotate_logfile "
    "pg_switch_wal pg_switch_xlog pg_create_restore_point pg_backup_start pg_backup_stop "
    "pg_start_backup pg_stop_backup pg_wal_replay_resume pg_create_physical_replication_slot "
    "pg_create_logical_replication_slot pg_copy_physical_replication_slot "
    "pg_copy_logical_replication_slot pg_sync_replication_slots pg_replication_origin_create "
    "pg_replication_origin_session_setup pg_replication_origin_xact_setup "
    "pg_replication_origin_xact_reset pg_logical_emit_message pg_notify pg_advisory_lock "
    "pg_advisory_lock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared "
    "pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock "
    "pg_try_advisory_xact_lock_shared pg_advisory_unlock pg_advisory_unlock_shared "
    "pg_advisory_unlock_all pg_import_system_collations pg_log_backend_memory_contexts "
    "pg_log_standby_snapshot pg_extension_config_dump brin_summarize_new_values "
    "brin_summarize_range gin_clean_pending_list pg_buffercache_evict pg_stat_force_next_flush "
    "pg_nextoid create_hypertable add_compression_policy compress_chunk decompress_chunk "
    "add_continuous_aggregate_policy refresh_continuous_aggregate addgeometrycolumn "
    "create_distributed_table create_reference_table rebalance_table_shards "
    "postgres_fdw_disconnect postgres_fdw_disconnect_all";

constexpr std::string_view kMovesDataOut =
    "pg_read_file pg_read_binary_file pg_read_server_files lo_export pg_file_read "
    "query_export_to_s3 database_to_xml schema_to_xml database_to_xml_and_xmlschema "
    "schema_to_xml_and_xmlschema";

// Functions whose argument is a query that the server runs.
constexpr std::string_view kRunsQuery =
    "query_to_xml query_to_xml_and_xmlschema query_to_xmlschema ts_stat crosstab crosstab2 "
    "crosstab3 "
    "crosstab4 crosstabn connectby dblink dblink_exec dblink_send_query dblink_open "
    "dblink_build_sql_delete cron.schedule cron.schedule_in_database run_command_on_workers "
    "run_command_on_shards run_command_on_placements run_command_on_all_nodes xpath_table";

FunctionRule rule(Effect effect, std::string_view reason) {
  return {effect, true, false, false, reason};
}

FunctionRule builtin_rule(std::string_view name) {
  if (kHarmlessSet.contains(kHarmless, name) || name.starts_with("pg_stat_get_") ||
      name.starts_with("pg_get_") || (name.starts_with("has_") && name.ends_with("_privilege")) ||
      (name.starts_with("pg_") && name.ends_with("_is_visible")))
    return {Effect::Read, true, !one_of(name, kNotRepeatable), false, {}};
  if (one_of(name, kStops)) return rule(Effect::Destructive, "stops or ends something");
  if (one_of(name, kDeletes)) return rule(Effect::Destructive, "deletes or overwrites");
  if (one_of(name, kWrites)) return rule(Effect::Write, "changes state");
  if (one_of(name, kMovesDataOut)) return rule(Effect::Exfil, "moves data out");
  if (name.starts_with("binary_upgrade_")) return rule(Effect::Destructive, "changes catalogs");
  if (one_of(name, kRunsQuery))
    return {Effect::Opaque, true, false, true, "runs a query of its own"};
  return {};
}

}  // namespace

FunctionRule postgres_function(std::string_view schema, std::string_view name) {
  if (schema.empty() || schema == "pg_catalog") return builtin_rule(name);
  if (schema == "cron")
    return builtin_rule(name == "unschedule" ? "cron.unschedule" : "cron.schedule");
  // Another schema may hold a function of any name; what its name warns of still counts.
  FunctionRule found = builtin_rule(name);
  if (found.effect <= Effect::Opaque) found.effect = Effect::Opaque;
  found.known = false;
  found.repeatable = false;
  return found;
}

}  // namespace prodaccess
