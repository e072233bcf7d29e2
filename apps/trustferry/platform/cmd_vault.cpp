// vault passphrase, rewrap: of a platform that is not being served
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/passphrase.hpp"
#include "apps/trustferry/line/report.hpp"
#include "platform/data_directory.hpp"
#include "platform/onboard/rewrap.hpp"
#include "vault/software/software_vault.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct PassphraseArgs {
  std::string directory = "run/platform";
  std::string old_file, new_file;
  bool rewrap = false;
};

Status run_vault_passphrase(const PassphraseArgs& args, Context&) {
  SystemRandom random;
  auto vault = TF_TRY(vault::SoftwareVault::open(platform::Paths{args.directory}.vault(), random));
  const auto old_one = TF_TRY(read_passphrase({args.old_file, "", "Vault passphrase"}));
  const auto new_one = TF_TRY(read_passphrase({args.new_file, "", "New vault passphrase", true}));
  TF_CHECK(vault->change_passphrase(old_one, new_one, args.rewrap));
  print_line(args.rewrap ? "The passphrase is changed; master key and file are wrapped anew." : "The passphrase is changed.");
  return {};
}

struct RewrapArgs {
  std::string directory = "run/platform";
  std::string passphrase_file;
};

// Of the platform, or of a server of onboard.
Result<platform::RewrapReport> rewrap_directory(const std::string& directory, const SecretBytes& passphrase, const std::function<void(std::int64_t)>& told) {
  if (std::filesystem::exists(platform::OnboardPaths{directory}.settings())) {
    static const SystemClock clock;
    return platform::rewrap_onboard(*TF_TRY(platform::open_onboard(directory, passphrase, clock)), "host", told);
  }
  return platform::rewrap_all(*TF_TRY(platform::open_directory(directory, passphrase))->context, "host", told);
}

Status run_rewrap(const RewrapArgs& args, Context& context) {
  const auto passphrase = TF_TRY(read_passphrase({args.passphrase_file, "trustferry-vault", "Vault passphrase"}));
  const bool watched = !context.json && ::isatty(STDERR_FILENO) == 1;
  const auto told = [watched](std::int64_t rows) {
    if (watched) fmt::print(stderr, "\r{} rows ", rows);
  };
  const auto report = TF_TRY(rewrap_directory(args.directory, passphrase, told));
  if (watched) fmt::print(stderr, "\n");
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("rows", report.rows).member("retired", report.retired.size()).end_object().text());
  } else {
    print_line(fmt::format("{} rows are wrapped under a new key-encryption key; {} older ones are forgotten.", report.rows, report.retired.size()));
  }
  return {};
}

}  // namespace

void add_vault(CommandLine& line) {
  static PassphraseArgs change;
  CLI::App& vault = line.group(line.root(), "vault", "The vault of a platform that is not being served.");
  CLI::App& change_app = line.command(vault, "passphrase", "Changes the vault's passphrase; with --rewrap also the master key below it. Also of the directory of a server of onboard.",
      "trustferry vault passphrase --directory run/platform --rewrap\ntrustferry vault passphrase --directory run/credentialing", [](Context& context) { return run_vault_passphrase(change, context); });
  change_app.add_option("--directory", change.directory, "data directory")->capture_default_str();
  change_app.add_option("--old-passphrase-file", change.old_file, "asked for otherwise");
  change_app.add_option("--new-passphrase-file", change.new_file, "asked for otherwise");
  change_app.add_flag("--rewrap", change.rewrap, "a fresh master key, everything in the file wrapped anew");

  static RewrapArgs rewrap;
  CLI::App& rewrap_app = line.command(vault, "rewrap",
      "A new key-encryption key: every wrapped key in the database is taken over, the old ones are forgotten. Interrupted, run it again. Also of the directory of a server of onboard.",
      "trustferry vault rewrap --directory run/platform\ntrustferry vault rewrap --directory run/credentialing", [](Context& context) { return run_rewrap(rewrap, context); });
  rewrap_app.add_option("--directory", rewrap.directory, "data directory")->capture_default_str();
  rewrap_app.add_option("--passphrase-file", rewrap.passphrase_file, "asked for otherwise; - for standard input");
}

}  // namespace tf::cli
