// libcurl, opened when the first request is made: linking it would cost every command the loading
// of thirty shared objects.
//
// Errors: Error{System} with the package to install. Threads: the first call, one thread.
#pragma once

#include <curl/curl.h>

namespace prodaccess {

struct CurlLibrary {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_send) easy_send;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
};

const CurlLibrary& curl_library();

}  // namespace prodaccess
