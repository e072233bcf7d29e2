#include "platform/config.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <filesystem>
#include <set>

#include "protocols/access/identity.hpp"

namespace tf::platform {
namespace {

Error wrong(const toml::node& at, const std::string& what) {
  return {Code::invalid, "config.value", fmt::format("platform.toml line {}: {}", at.source().begin.line, what)};
}

// A table being read; finish() names what nobody asked for.
class Table {
 public:
  Table(const toml::table& table, std::string name) : table_(table), name_(std::move(name)) {}

  Status integer(const char* key, std::int64_t min, std::int64_t max, std::int64_t& out) {
    const toml::node* node = find(key);
    if (node == nullptr) return {};
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < min || *value > max) return wrong(*node, fmt::format("{} is a number from {} to {}", key, min, max));
    out = *value;
    return {};
  }

  Status texts(const char* key, std::vector<std::string>& out) {
    const toml::node* node = find(key);
    if (node == nullptr) return {};
    const toml::array* array = node->as_array();
    if (array == nullptr) return wrong(*node, fmt::format("{} is a list of strings", key));
    out.clear();
    for (const toml::node& element : *array) {
      const auto text = element.value_exact<std::string>();
      if (!text) return wrong(element, fmt::format("{} is a list of strings", key));
      out.push_back(*text);
    }
    return {};
  }

  Result<std::string> text(const char* key, std::string fallback) {
    const toml::node* node = find(key);
    if (node == nullptr) return fallback;
    const auto value = node->value_exact<std::string>();
    if (!value) return wrong(*node, fmt::format("{} is a string", key));
    return *value;
  }

  // Null when it is not there.
  Result<const toml::table*> table(const char* key) {
    const toml::node* node = find(key);
    if (node == nullptr) return static_cast<const toml::table*>(nullptr);
    if (node->as_table() == nullptr) return wrong(*node, fmt::format("{} is a table", key));
    return node->as_table();
  }

  [[nodiscard]] Status finish() const {
    for (const auto& [key, node] : table_)
      if (!asked_.contains(std::string(key.str())))
        return Error{Code::invalid, "config.unknown_key",
                     fmt::format("platform.toml line {}: there is no setting \"{}{}\"", node.source().begin.line, name_, key.str())};
    return {};
  }

 private:
  const toml::node* find(const char* key) {
    asked_.insert(key);
    return table_.get(key);
  }
  const toml::table& table_;
  std::string name_;
  std::set<std::string> asked_;
};

Result<Listen> parse_listen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  int port = -1;
  if (colon != std::string::npos && colon > 0 && text.size() - colon <= 6 && text.size() - colon > 1) {
    port = 0;
    for (const char c : text.substr(colon + 1)) port = c >= '0' && c <= '9' && port >= 0 ? port * 10 + (c - '0') : -1;
  }
  if (port < 0 || port > 65535) return Error{Code::invalid, "config.listen", "\"" + text + "\" is not ADDRESS:PORT"};
  return Listen{text.substr(0, colon), static_cast<std::uint16_t>(port)};
}

Result<rki::KeySetPlan> read_plan(Table& table, const rki::KeySetPlan& fallback) {
  std::vector<std::string> slots;
  for (const rki::Slot slot : fallback.slots) slots.emplace_back(rki::name_of(slot));
  std::int64_t keys_per_part = fallback.keys_per_part;
  TF_CHECK(table.texts("keys", slots));
  TF_CHECK(table.integer("keys_per_part", 1, 8, keys_per_part));
  return rki::KeySetPlan::make(slots, keys_per_part);
}

// One of two words; the first one is false.
Result<bool> read_choice(Table& table, const char* key, std::string_view no, std::string_view yes, bool fallback) {
  const std::string text = TF_TRY(table.text(key, std::string(fallback ? yes : no)));
  if (text == yes || text == no) return text == yes;
  return Error{Code::invalid, "config.value", fmt::format("{} is \"{}\" or \"{}\"", key, no, yes)};
}

Status read_suites(Table& table, access::ServicePolicy& out) {
  std::vector<std::string> suites{"modern"};
  TF_CHECK(table.texts("suites", suites));
  out.modern = out.classic = false;
  for (const std::string& suite : suites) (TF_TRY(access::parse_suite(suite)) == access::Suite::modern ? out.modern : out.classic) = true;
  if (suites.empty()) return Error{Code::invalid, "config.value", "suites names modern, classic or both"};
  return {};
}

Result<access::ServicePolicy> read_service(const std::string& name, const toml::table& toml) {
  Table table(toml, fmt::format("access.services.{}.", name));
  access::ServicePolicy out;
  out.name = TF_TRY(access::parse_service(name));
  if (TF_TRY(read_choice(table, "security", "normal", "high", false))) out.key_minutes = 24 * 60;
  TF_CHECK(table.integer("key_minutes", 1, 10LL * 365 * 24 * 60, out.key_minutes));
  out.trust_first_use = TF_TRY(read_choice(table, "first_use", "proof", "trusted", out.trust_first_use));
  out.gateway = TF_TRY(read_choice(table, "gateway", "none", "required", out.gateway));
  out.did_may_change = TF_TRY(read_choice(table, "did_change", "refused", "allowed", out.did_may_change));
  out.key_renews = TF_TRY(read_choice(table, "renewal", "proof", "key", out.key_renews));
  TF_CHECK(read_suites(table, out));
  out.did_beside = TF_TRY(read_choice(table, "did_beside", "refused", "allowed", out.did_beside));
  out.consent_rebinds = TF_TRY(read_choice(table, "rebinding", "approval", "consent", out.consent_rebinds));
  if (const std::string profile = TF_TRY(table.text("private_apn", "")); !profile.empty()) out.private_apn = TF_TRY(access::parse_apn(profile));
  TF_CHECK(table.integer("ticket_seconds", 10, 24 * 3600, out.ticket_seconds));
  out.ticket_names_number = TF_TRY(read_choice(table, "ticket_number", "hidden", "shown", out.ticket_names_number));
  out.audience = TF_TRY(table.text("audience", name));
  TF_CHECK(table.texts("clients", out.clients));
  TF_CHECK(table.finish());
  return out;
}

Status read_access(const toml::table& toml, Config& config) {
  Table table(toml, "access.");
  TF_CHECK(table.texts("number_headers", config.number_headers));
  for (const std::string& header : config.number_headers)
    if (header.empty() || header.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
      return Error{Code::invalid, "config.value", "number_headers are names of header fields in lower case"};
  config.ticket_issuer = TF_TRY(table.text("issuer", config.ticket_issuer));
  if (const toml::table* services = TF_TRY(table.table("services"))) {
    for (const auto& [name, node] : *services) {
      if (!node.is_table()) return wrong(node, "a service is a table");
      config.services.insert_or_assign(std::string(name.str()), TF_TRY(read_service(std::string(name.str()), *node.as_table())));
    }
  }
  return table.finish();
}

std::string text_of(const access::ServicePolicy& policy) {
  return fmt::format("\n[access.services.{}]\nkey_minutes = {}\nfirst_use = \"{}\"\ngateway = \"{}\"\ndid_change = \"{}\"\nticket_seconds = {}\nticket_number = \"{}\"\naudience = \"{}\"\nsuites = [{}]\ndid_beside = \"{}\"\nrenewal = \"{}\"\nrebinding = \"{}\"\nprivate_apn = \"{}\"\n",
                     policy.name, policy.key_minutes, policy.trust_first_use ? "trusted" : "proof", policy.gateway ? "required" : "none",
                     policy.did_may_change ? "allowed" : "refused", policy.ticket_seconds, policy.ticket_names_number ? "shown" : "hidden", policy.audience,
                     policy.modern && policy.classic ? R"("modern", "classic")" : policy.modern ? R"("modern")" : R"("classic")",
                     policy.did_beside ? "allowed" : "refused", policy.key_renews ? "key" : "proof", policy.consent_rebinds ? "consent" : "approval", policy.private_apn);
}

Status read_server(const toml::table& toml, Config& config) {
  Table table(toml, "server.");
  config.terminals = TF_TRY(parse_listen(TF_TRY(table.text("terminals", config.terminals.text()))));
  config.admin = TF_TRY(parse_listen(TF_TRY(table.text("admin", config.admin.text()))));
  config.access = TF_TRY(parse_listen(TF_TRY(table.text("access", config.access.text()))));
  config.channel = TF_TRY(parse_listen(TF_TRY(table.text("channel", config.channel.text()))));
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

std::string Listen::text() const { return fmt::format("{}:{}", address, port); }

const rki::KeySetPlan& Config::plan_for(const std::string& group) const {
  const auto found = groups.find(group);
  return found == groups.end() ? key_set : found->second;
}

Result<Config> read_config(const std::string& path) {
  Config config;
  if (!std::filesystem::exists(path)) return config;
  if (!std::filesystem::is_regular_file(path)) return Error{Code::invalid, "config.syntax", path + " is not a file"};
  toml::table parsed;
  try {
    parsed = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return Error{Code::invalid, "config.syntax", fmt::format("{} line {}: {}", path, error.source().begin.line, error.description())};
  }
  Table table(parsed, "");
  if (const toml::table* server = TF_TRY(table.table("server"))) TF_CHECK(read_server(*server, config));
  if (const toml::table* rki = TF_TRY(table.table("rki"))) TF_CHECK(read_rki(*rki, config));
  if (const toml::table* access = TF_TRY(table.table("access"))) TF_CHECK(read_access(*access, config));
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
  for (const auto& [name, policy] : config.services) services += text_of(policy);
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
                     config.key_set.keys_per_part, config.conversations, config.grace_hours, config.gather_ms, config.checkpoint_every) + services;
}

}  // namespace tf::platform
