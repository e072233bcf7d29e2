#include "apps/trustferry/line/command_line.hpp"

#include <algorithm>
#include <cstdio>

#include "apps/trustferry/line/exit_code.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

constexpr const char* kAbout =
    "Trustferry gives terminals their trust: keys over the network, after both sides proved who they are.\n\n"
    "A platform is made once (init), its root taken offline, and served (serve). A factory loader personalises devices\n"
    "(loader, terminal personalise); each then downloads its keys (terminal download). Operators work through a running\n"
    "platform with their client certificates (estate, keys, batch, operator, work).";

// The number of single-character changes between two words.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

void collect_words(const CLI::App& app, std::vector<std::string>& out) {
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    out.push_back(sub->get_name());
    collect_words(*sub, out);
  }
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
}

const CLI::App* deepest(const CLI::App* app) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return app;
}

}  // namespace

CommandLine::CommandLine() : app_(kAbout, "trustferry") {
  app_.set_help_flag();
  app_.require_subcommand(0, 1);  // one of each level, which those below inherit: what follows a command is its own, also where it is another's name (ocsp request onboard)
  app_.footer(std::string("Everywhere: --help for the help of a command, --json for output that programs read.\n") +
              std::string(kExitCodes));
}

CLI::App& CommandLine::group(CLI::App& parent, const std::string& name, const std::string& about) {
  CLI::App* sub = parent.add_subcommand(name, about);
  sub->set_help_flag();
  return *sub;
}

CLI::App& CommandLine::command(CLI::App& parent, const std::string& name, const std::string& about, const std::string& example, Run run) {
  CLI::App& sub = group(parent, name, about);
  sub.footer("Example:\n  " + example);
  commands_[&sub] = std::move(run);
  return sub;
}

int CommandLine::run(int argc, const char* const* argv) {
  bool help = false;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json") {
      context_.json = true;
    } else if (word == "--help" || word == "-h") {
      help = true;
    } else {
      words.emplace_back(word);
    }
  }
  if (words == std::vector<std::string>{"--version"}) {
    print_line("trustferry " TRUSTFERRY_VERSION);
    return 0;
  }
  try {
    app_.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    return usage_error(error, words);
  }
  const CLI::App* chosen = deepest(&app_);
  const auto found = commands_.find(chosen);
  if (help || found == commands_.end()) {
    std::fputs(app_.help().c_str(), help ? stdout : stderr);  // of the deepest command, under its full name
    return help ? 0 : kUsage;
  }
  const Status done = found->second(context_);
  if (done) return 0;
  print_error(context_, done.error());
  return done.error().reason == std::string_view("cli.missing") ? kUsage : exit_code_of(done.error().code);
}

int CommandLine::usage_error(const CLI::ParseError& error, const std::vector<std::string>& words) {
  std::string detail = error.what();
  std::vector<std::string> known;
  collect_words(app_, known);
  for (const std::string& word : words) {
    if (word.starts_with("-") ? word.size() < 3 : word.size() < 2) continue;
    const std::string bare = word.substr(0, word.find('='));
    if (detail.find(bare) == std::string::npos || std::ranges::find(known, bare) != known.end()) continue;
    if (const std::string hint = nearest(bare); !hint.empty()) detail += "; did you mean " + hint + "?";
    break;
  }
  print_error(context_, {Code::invalid, "cli.usage", detail + " (trustferry --help shows what there is)"});
  return kUsage;
}

std::string CommandLine::nearest(const std::string& word) const {
  std::vector<std::string> known{"--help", "--json", "--version"};
  collect_words(app_, known);
  std::string best;
  std::size_t least = word.size() / 3 + 1;
  for (const std::string& candidate : known) {
    const std::size_t away = distance(word, candidate);
    if (away < least) {
      least = away;
      best = candidate;
    }
  }
  return best;
}

Status need(const std::string& value, std::string_view option) {
  if (!value.empty()) return {};
  return Error{Code::invalid, "cli.missing", std::string(option) + " is needed; --help tells more"};
}

void print_error(const Context& context, const Error& error) {
  if (context.json) {
    wire::JsonWriter writer;
    writer.begin_object().key("error").begin_object().member("code", name_of(error.code)).member("reason", error.reason);
    writer.member("detail", error.detail).end_object().end_object();
    std::fprintf(stderr, "%s\n", writer.text().c_str());
  } else {
    std::fprintf(stderr, "trustferry: %s (%s)\n", error.detail.empty() ? std::string(name_of(error.code)).c_str() : error.detail.c_str(),
                 error.reason);
  }
}

void print_line(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

}  // namespace tf::cli
