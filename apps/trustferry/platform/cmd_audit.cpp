// audit verify
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "audit/verify.hpp"
#include "platform/data_directory.hpp"
#include "platform/onboard/directory.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct AuditArgs {
  std::string directory = "run/platform";
  std::string anchor;
};

// NODE:SEQ:HASH, the last line of an earlier report
Result<audit::Anchor> parse_anchor(const std::string& text) {
  const std::size_t first = text.find(':');
  const std::size_t second = text.find(':', first + 1);
  const Error bad{Code::invalid, "cli.anchor", "an anchor is NODE:SEQ:HASH, as an earlier report printed it"};
  if (first == std::string::npos || second == std::string::npos) return bad;
  const Bytes hash = TF_TRY(wire::from_hex(text.substr(second + 1)));
  audit::Anchor out{text.substr(0, first), std::strtoll(text.c_str() + first + 1, nullptr, 10), {}};
  if (hash.size() != out.hash.size() || out.seq <= 0) return bad;
  std::ranges::copy(hash, out.hash.begin());
  return out;
}

void print(const audit::Report& report, const Context& context) {
  wire::JsonWriter writer;
  writer.begin_object().member("sound", report.sound()).key("chains").begin_array();
  for (const audit::ChainReport& chain : report.chains) {
    writer.begin_object().member("node", chain.node).member("entries", chain.entries).member("checkpoints", chain.checkpoints);
    writer.member("unsigned_entries", chain.unsigned_entries).member("last_seq", chain.last_seq).member("last_hash", wire::hex_lower(chain.last_hash));
    if (chain.first_bad) writer.key("first_bad").begin_object().member("seq", chain.first_bad->seq).member("why", chain.first_bad->why).end_object();
    writer.end_object();
    if (context.json) continue;
    Facts facts;
    facts.add("chain", chain.node).add("entries", fmt::format("{} ({} behind the last checkpoint)", chain.entries, chain.unsigned_entries));
    facts.add("checkpoints", std::to_string(chain.checkpoints));
    if (chain.first_bad) facts.add("BROKEN", fmt::format("at entry {}: {}", chain.first_bad->seq, chain.first_bad->why));
    facts.add("anchor", fmt::format("{}:{}:{}", chain.node, chain.last_seq, wire::hex_lower(chain.last_hash)));
    facts.print();
  }
  if (context.json) print_line(writer.end_array().end_object().text());
}

Status run_verify(const AuditArgs& args, Context& context) {
  const platform::Paths paths{args.directory};
  auto verifier = TF_TRY(platform::PublicKeyVerifier::from_file(paths.audit_key()));
  const std::string of_onboard = platform::OnboardPaths{args.directory}.database();
  const auto database = TF_TRY(store::open_sqlite({.path = std::filesystem::exists(of_onboard) ? of_onboard : paths.database(), .read_only = true}));
  std::vector<audit::Anchor> anchors;
  if (!args.anchor.empty()) anchors.push_back(TF_TRY(parse_anchor(args.anchor)));
  const auto report = TF_TRY(audit::verify(*database, verifier, anchors));
  print(report, context);
  if (report.sound()) return {};
  return Error{Code::integrity, "audit.broken", "the audit trail was altered"};
}

}  // namespace

void add_audit(CommandLine& line) {
  static AuditArgs args;
  CLI::App& group = line.group(line.root(), "audit", "The audit trail.");
  CLI::App& verify = line.command(group, "verify",
      "Verifies the hash chain and every signed checkpoint; also beside a running server. Keep the anchor it prints elsewhere: with it "
      "the next run also finds a tail that was cut off.",
      "trustferry audit verify --directory run/platform", [](Context& context) { return run_verify(args, context); });
  verify.add_option("--directory", args.directory, "the platform's data directory, or that of a server of onboard")->capture_default_str();
  verify.add_option("--anchor", args.anchor, "NODE:SEQ:HASH of an earlier report");
}

}  // namespace tf::cli
