// The PostgresParser that the understanding is given: libpg_query, opened when the first text of
// PostgreSQL turns up.
#pragma once

#include <memory>

#include "core/command/understand.h"
#include "core/os/pg_query_loader.h"

namespace prodaccess {

class LoadedPostgresParser : public PostgresParser {
 public:
  bool available() override { return library() != nullptr; }
  std::optional<std::string> parse(std::string_view sql) override {
    return available() ? library_->parse(sql) : std::nullopt;
  }

 private:
  PgQueryLibrary* library() {
    if (!opened_) library_ = PgQueryLibrary::open();
    opened_ = true;
    return library_.get();
  }

  bool opened_ = false;
  std::unique_ptr<PgQueryLibrary> library_;
};

}  // namespace prodaccess
