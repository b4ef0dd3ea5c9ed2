#include "cli/command.h"

namespace prodaccess {

Command::Command(std::string name, std::string summary)
    : name_(std::move(name)), summary_(std::move(summary)) {}

Command& Command::add(const std::string& name, const std::string& summary) {
  return commands_.emplace_back(name, summary);
}

Option& Command::flag(const std::string& name, bool* target, const std::string& help) {
  return options_.emplace_back(Option{name, "", help, target, false, false, "", {}});
}

Option& Command::option(const std::string& name, OptionTarget target, const std::string& metavar,
                        const std::string& help) {
  return options_.emplace_back(Option{name, metavar, help, target, false, false, "", {}});
}

Option& Command::positional(const std::string& metavar, OptionTarget target,
                            const std::string& help) {
  return options_.emplace_back(Option{metavar, metavar, help, target, true, false, "", {}});
}

Option& Command::rest(const std::string& metavar, std::vector<std::string>* target,
                      const std::string& help) {
  rest_ = Option{metavar, metavar, help, target, true, true, "command", {}};
  return *rest_;
}

void Command::example(std::string line, std::string comment) {
  examples_.push_back({std::move(line), std::move(comment)});
}

void Command::exit_status(std::string status, std::string meaning) {
  statuses_.emplace_back(std::move(status), std::move(meaning));
}

}  // namespace prodaccess
