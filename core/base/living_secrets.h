// The secrets that live in this process (secret.h), by where they lie, so that a text can be
// cleared of them: a server or a program may say back what it was given.
//
// Threads: any. A forked process has none of its parent's.
#pragma once

#include <cstddef>
#include <string>

namespace prodaccess {

// Called by Secret alone.
void add_living_secret(const char* data, std::size_t size);
void remove_living_secret(const char* data) noexcept;

// `text` with "[secret]" in the place of every living secret in it that looks random. Names of
// users and hosts may be held as secrets too; messages need those.
std::string without_secrets(std::string text);

}  // namespace prodaccess
