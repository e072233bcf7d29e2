// The frame of the command line. --json is accepted anywhere; an unknown command or option is an error even where --help
// stands beside it; --help shows the help of the deepest command named. Each command is in a file cmd_<name>.cpp.
#pragma once
#include <CLI/CLI.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tf::cli {

struct Context {
  bool json = false;
};
using Run = std::function<Status(Context&)>;

class CommandLine {
 public:
  CommandLine();

  [[nodiscard]] CLI::App& root() { return app_; }
  // A word under which commands stand.
  CLI::App& group(CLI::App& parent, const std::string& name, const std::string& about);
  // A command. example: one line or more, shown in its help.
  CLI::App& command(CLI::App& parent, const std::string& name, const std::string& about, const std::string& example, Run run);

  // Parses, runs, prints what went wrong; the program's exit code.
  int run(int argc, const char* const* argv);

 private:
  int usage_error(const CLI::ParseError& error, const std::vector<std::string>& words);
  [[nodiscard]] std::string nearest(const std::string& word) const;

  CLI::App app_;
  std::map<const CLI::App*, Run> commands_;
  Context context_;
};

// For options that a command cannot do without: Code::invalid "cli.missing" names the option.
Status need(const std::string& value, std::string_view option);
// An error as text or, with --json, as {"error": {"code", "reason", "detail"}}; on standard error.
void print_error(const Context& context, const Error& error);
// One line of a command's result, on standard output.
void print_line(std::string_view text);

}  // namespace tf::cli
