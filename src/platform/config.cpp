#include "platform/config.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/file.hpp"
#include "platform/config/table.hpp"

namespace tf::platform {
namespace {

using configuration::Table;
using configuration::wrong;

constexpr std::size_t kMostConfig = 1U << 20;

Result<rki::KeySetPlan> read_plan(Table& table, const rki::KeySetPlan& fallback) {
  std::vector<std::string> slots;
  for (const rki::Slot slot : fallback.slots) slots.emplace_back(rki::name_of(slot));
  std::int64_t keys_per_part = fallback.keys_per_part;
  TF_CHECK(table.texts("keys", slots));
  TF_CHECK(table.integer("keys_per_part", 1, 8, keys_per_part));
  return rki::KeySetPlan::make(slots, keys_per_part);
}

Status read_server(const toml::table& toml, Config& config) {
  Table table(toml, "server.");
  config.terminals = TF_TRY(table.listen("terminals", config.terminals));
  config.admin = TF_TRY(table.listen("admin", config.admin));
  config.access = TF_TRY(table.listen("access", config.access));
  config.channel = TF_TRY(table.listen("channel", config.channel));
  TF_CHECK(table.texts("names", config.names));
  const std::string tls = TF_TRY(table.text("tls_min", "1.3"));
  if (tls != "1.3" && tls != "1.2") return Error{Code::invalid, "config.value", "tls_min is \"1.3\" or \"1.2\""};
  config.tls12 = tls == "1.2";
  TF_CHECK(table.integer("workers", 1, 1024, config.workers));
  TF_CHECK(table.integer("connections", 1, 100'000, config.connections));
  TF_CHECK(table.integer("stop_seconds", 1, 300, config.stop_seconds));
  return table.finish();
}

Status read_rki(const toml::table& toml, Config& config) {
  Table table(toml, "rki.");
  TF_CHECK(table.integer("conversations", 1, 10'000'000, config.conversations));
  TF_CHECK(table.integer("grace_hours", 0, 24 * 365, config.grace_hours));
  config.key_set = TF_TRY(read_plan(table, config.key_set));
  if (const toml::table* groups = TF_TRY(table.table("groups"))) {
    for (const auto& [name, node] : *groups) {
      if (!node.is_table()) return wrong(node, "a group is a table");
      Table group(*node.as_table(), fmt::format("rki.groups.{}.", name.str()));
      config.groups.emplace(std::string(name.str()), TF_TRY(read_plan(group, config.key_set)));
      TF_CHECK(group.finish());
    }
  }
  return table.finish();
}

}  // namespace


const rki::KeySetPlan& Config::plan_for(const std::string& group) const {
  const auto found = groups.find(group);
  return found == groups.end() ? key_set : found->second;
}

Result<Config> read_config(const std::string& path) {
  if (!std::filesystem::exists(path)) return Config{};
  if (!std::filesystem::is_regular_file(path)) return Error{Code::invalid, "config.syntax", path + " is not a file"};
  const Bytes text = TF_TRY(read_file(path, kMostConfig));
  return parse_config(as_text(text), path);
}

Result<Config> parse_config(std::string_view text, const std::string& path) {
  Config config;
  toml::table parsed;
  try {
    parsed = toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    return Error{Code::invalid, "config.syntax", fmt::format("{} line {}: {}", path, error.source().begin.line, error.description())};
  }
  Table table(parsed, "");
  if (const toml::table* server = TF_TRY(table.table("server"))) TF_CHECK(read_server(*server, config));
  if (const toml::table* rki = TF_TRY(table.table("rki"))) TF_CHECK(read_rki(*rki, config));
  if (const toml::table* access = TF_TRY(table.table("access"))) TF_CHECK(configuration::read_access(*access, config));
  if (const toml::table* wallet = TF_TRY(table.table("wallet"))) TF_CHECK(configuration::read_wallet(*wallet, config));
  if (const toml::table* cardsign = TF_TRY(table.table("cardsign"))) TF_CHECK(configuration::read_cardsign(*cardsign, config));
  if (const toml::table* pki = TF_TRY(table.table("pki"))) TF_CHECK(configuration::read_pki(*pki, config));
  if (const toml::table* store = TF_TRY(table.table("store"))) {
    Table inner(*store, "store.");
    TF_CHECK(inner.integer("gather_ms", 0, 1000, config.gather_ms));
    TF_CHECK(inner.finish());
  }
  if (const toml::table* audit = TF_TRY(table.table("audit"))) {
    Table inner(*audit, "audit.");
    TF_CHECK(inner.integer("checkpoint_every", 1, 1'000'000, config.checkpoint_every));
    TF_CHECK(inner.finish());
  }
  TF_CHECK(table.finish());
  return config;
}

std::string default_config_text(const Config& config) {
  std::string names;
  for (const std::string& name : config.names) names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", name);
  std::string keys;
  for (const rki::Slot slot : config.key_set.slots) keys += fmt::format("{}\"{}\"", keys.empty() ? "" : ", ", rki::name_of(slot));
  std::string services;
  for (const auto& [name, policy] : config.services) services += configuration::text_of(policy);
  return fmt::format(R"(# Trustferry platform. Every setting is optional; what stands here is in force.
[server]
terminals = "{}"   # ADDRESS:PORT for terminals: /rki/v1
admin = "{}"       # ADDRESS:PORT for operators: /admin/v1, /metrics
access = "{}"      # ADDRESS:PORT for gateways and business services: /access/v1; up when there are services
channel = "{}"        # ADDRESS:PORT on the private side: TLS 1.3 with a PSK made of DKey; port 0: off
names = [{}]  # DNS names and addresses in the TLS certificate
tls_min = "{}"    # "1.2" also lets in classic terminals that can do no better
workers = {}
connections = {}   # at most so many open on each listener
stop_seconds = {}

[rki]
keys = [{}]  # what a terminal downloads
keys_per_part = {}                    # fewer: the set takes several passes
conversations = {}
grace_hours = {}                      # a superseded key is accepted this much longer

# [rki.groups.airport]                # a terminal group with a set of its own
# keys = ["pin", "mac"]

# [access]
# number_headers = ["x-msisdn"]       # what gateways call the number
# [access.services.bank]              # a service: how long keys live, what proof a terminal needs, …
# security = "high"                   # keys of a day; "normal": of thirty days
# first_use = "proof"                 # "trusted": the first terminal with a Did is believed
# gateway = "required"                # "none": reached directly, no number
# did_change = "refused"              # "allowed": the SIM may move to another terminal that has the key

[store]
gather_ms = {}                        # a group commit waits so long for company, once writers come in company

[audit]
checkpoint_every = {}                 # entries between two signed checkpoints
)", config.terminals.text(), config.admin.text(), config.access.text(), config.channel.text(), names, config.tls12 ? "1.2" : "1.3", config.workers, config.connections, config.stop_seconds, keys,
                     config.key_set.keys_per_part, config.conversations, config.grace_hours, config.gather_ms, config.checkpoint_every) + configuration::text_of(config.pki) + services + (config.wallet ? configuration::text_of(*config.wallet) : std::string()) +
         (config.cardsign ? configuration::text_of(*config.cardsign) : std::string());
}

}  // namespace tf::platform
