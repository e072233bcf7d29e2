#include <fmt/format.h>

#include "payment/money.hpp"
#include "platform/config/table.hpp"

namespace tf::platform::configuration {
namespace {


Status read_policy(Table& table, wallet::Policy& policy) {
  std::vector<std::string> suites{"modern"}, keys{"phone"}, critical;
  TF_CHECK(table.texts("suites", suites));
  TF_CHECK(table.texts("keys", keys));
  TF_CHECK(table.texts("critical", critical));
  policy.modern = policy.classic = policy.key_of_phone = policy.key_of_platform = false;
  for (const std::string& suite : suites) (TF_TRY(wallet::parse_suite(suite)) == wallet::Suite::modern ? policy.modern : policy.classic) = true;
  for (const std::string& key : keys) (TF_TRY(wallet::parse_key_maker(key)) == wallet::KeyMaker::phone ? policy.key_of_phone : policy.key_of_platform) = true;
  if (suites.empty() || keys.empty()) return value_error("wallet.suites names modern, classic or both; wallet.keys phone, platform or both");
  for (const std::string& limit : critical) {
    const std::size_t space = limit.find(' ');
    if (space == std::string::npos) return value_error("wallet.critical is a list of amounts as \"CNY 1000.00\"");
    const auto money = TF_TRY(payment::parse_money(limit.substr(space + 1), limit.substr(0, space)));
    policy.critical_from.insert_or_assign(money.currency, money.minor);
  }
  TF_CHECK(table.integer("registration_minutes", 1, 24 * 60, policy.registration_minutes));
  TF_CHECK(table.integer("lock_minutes", 0, 365LL * 24 * 60, policy.lock_minutes));
  TF_CHECK(table.integer("session_minutes", 1, 24 * 60, policy.session_minutes));
  return table.integer("order_minutes", 1, 24 * 60, policy.order_minutes);
}

Status read_sms(const toml::table& toml, SmsConfig& sms) {
  Table table(toml, "wallet.sms.");
  const std::string kind = TF_TRY(table.text("kind", "spool"));
  if (kind != "spool" && kind != "webhook" && kind != "smpp") return value_error("wallet.sms.kind is \"spool\", \"webhook\" or \"smpp\"");
  sms.kind = kind == "spool" ? SmsConfig::Kind::spool : kind == "webhook" ? SmsConfig::Kind::webhook : SmsConfig::Kind::smpp;
  sms.file = TF_TRY(table.text("file", sms.file));
  sms.url = TF_TRY(table.text("url", ""));
  sms.path = TF_TRY(table.text("path", sms.path));
  sms.secret_file = TF_TRY(table.text("secret_file", ""));
  sms.anchors_file = TF_TRY(table.text("anchors_file", ""));
  sms.smpp = TF_TRY(table.listen("address", sms.smpp));
  sms.system_id = TF_TRY(table.text("system_id", ""));
  sms.source = TF_TRY(table.text("source", sms.source));
  return table.finish();
}

Result<FrontEndConfig> read_front_end(const std::string& name, const toml::table& toml) {
  Table table(toml, fmt::format("wallet.front_ends.{}.", name));
  if (name.empty() || name.size() > 32 || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
    return value_error("a front end's name is 1 to 32 of a–z 0–9 -");
  FrontEndConfig out;
  out.name = name;
  const std::string kind = TF_TRY(table.text("kind", ""));
  if (kind != "card" && kind != "ewallet" && kind != "acp") return value_error(fmt::format("wallet.front_ends.{}.kind is \"card\", \"ewallet\" or \"acp\"", name));
  out.kind = kind == "card" ? FrontEndConfig::Kind::card : kind == "ewallet" ? FrontEndConfig::Kind::ewallet : FrontEndConfig::Kind::acp;
  out.address = TF_TRY(table.listen("address", {"127.0.0.1", 8583}));
  out.zone = TF_TRY(table.text("zone", name));
  out.institution = TF_TRY(table.text("institution", out.institution));
  TF_CHECK(table.integer("reply_ms", 100, 600'000, out.reply_ms));
  for (const auto& [key, field] : {std::pair{"url", &out.url}, {"anchors_file", &out.anchors_file}, {"app_id", &out.app_id}, {"gateway_key_file", &out.gateway_key_file},
                                   {"merchant", &out.merchant}, {"certificate_file", &out.certificate_file}, {"signers_file", &out.signers_file}, {"signer", &out.signer}, {"phone_signers_file", &out.phone_signers_file},
                                   {"token_requestor", &out.token_requestor}, {"notify_url", &out.notify_url}})
    *field = TF_TRY(table.text(key, ""));
  out.direct = TF_TRY(table.choice("direct", "no", "yes", false));
  if (out.direct && (out.kind != FrontEndConfig::Kind::acp || out.phone_signers_file.empty()))
    return value_error(fmt::format("wallet.front_ends.{}: only kind \"acp\" has a direct path, and it needs phone_signers_file", name));
  if (out.kind != FrontEndConfig::Kind::card && out.url.empty()) return value_error(fmt::format("wallet.front_ends.{} needs a url", name));
  TF_CHECK(table.finish());
  return out;
}

}  // namespace

Status read_wallet(const toml::table& toml, Config& config) {
  Table table(toml, "wallet.");
  WalletConfig& out = config.wallet.emplace();
  out.listen = TF_TRY(table.listen("listen", out.listen));
  out.name = TF_TRY(wallet::parse_platform(TF_TRY(table.text("name", out.name))));
  out.terminal = TF_TRY(table.text("terminal", out.terminal));
  out.rules = TF_TRY(table.text("rules", out.rules));
  out.webhook_anchors_file = TF_TRY(table.text("webhook_anchors_file", ""));
  TF_CHECK(table.integer("sessions", 1, 10'000'000, out.sessions));
  TF_CHECK(table.integer("keys_ahead", 1, 10'000, out.keys_ahead));
  TF_CHECK(table.integer("decide_minutes", 0, 7 * 24 * 60, out.decide_minutes));
  TF_CHECK(read_policy(table, out.policy));
  if (const toml::table* sms = TF_TRY(table.table("sms"))) TF_CHECK(read_sms(*sms, out.sms));
  if (const toml::table* all = TF_TRY(table.table("front_ends"))) {
    for (const auto& [name, node] : *all) {
      if (!node.is_table()) return wrong(node, "a front end is a table");
      out.front_ends.push_back(TF_TRY(read_front_end(std::string(name.str()), *node.as_table())));
    }
  }
  return table.finish();
}

namespace {

std::string list_of(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", word);
  return "[" + out + "]";
}

}  // namespace

std::string text_of(const FrontEndConfig& it) {
  const bool card = it.kind == FrontEndConfig::Kind::card;
  std::string out = fmt::format("\n[wallet.front_ends.{}]\nkind = \"{}\"\n", it.name, card ? "card" : it.kind == FrontEndConfig::Kind::ewallet ? "ewallet" : "acp");
  if (card) return out + fmt::format("address = \"{}\"\nzone = \"{}\"\ninstitution = \"{}\"\nreply_ms = {}\n", it.address.text(), it.zone, it.institution, it.reply_ms);
  for (const auto& [key, value] : {std::pair<const char*, const std::string&>{"url", it.url}, {"anchors_file", it.anchors_file}, {"app_id", it.app_id}, {"gateway_key_file", it.gateway_key_file},
                                   {"merchant", it.merchant}, {"certificate_file", it.certificate_file}, {"signers_file", it.signers_file}, {"signer", it.signer}, {"phone_signers_file", it.phone_signers_file},
                                   {"token_requestor", it.token_requestor}, {"notify_url", it.notify_url}})
    if (!value.empty()) out += fmt::format("{} = \"{}\"\n", key, value);
  if (it.direct) out += "direct = \"yes\"\n";
  return out;
}

namespace {

std::string text_of(const SmsConfig& sms) {
  std::string out = fmt::format("\n[wallet.sms]\nkind = \"{}\"\n", sms.kind == SmsConfig::Kind::spool ? "spool" : sms.kind == SmsConfig::Kind::webhook ? "webhook" : "smpp");
  if (sms.kind == SmsConfig::Kind::spool) return out + fmt::format("file = \"{}\"\n", sms.file);
  out += fmt::format("secret_file = \"{}\"\n", sms.secret_file);
  if (sms.kind == SmsConfig::Kind::webhook) return out + fmt::format("url = \"{}\"\npath = \"{}\"\nanchors_file = \"{}\"\n", sms.url, sms.path, sms.anchors_file);
  return out + fmt::format("address = \"{}\"\nsystem_id = \"{}\"\nsource = \"{}\"\n", sms.smpp.text(), sms.system_id, sms.source);
}

}  // namespace

std::string text_of(const WalletConfig& wallet) {
  const wallet::Policy& policy = wallet.policy;
  std::vector<std::string> suites, keys, critical;
  if (policy.modern) suites.emplace_back("modern");
  if (policy.classic) suites.emplace_back("classic");
  if (policy.key_of_phone) keys.emplace_back("phone");
  if (policy.key_of_platform) keys.emplace_back("platform");
  for (const auto& [currency, minor] : policy.critical_from) critical.push_back(currency + " " + payment::format_money({minor, currency}));
  std::string out = fmt::format(R"(
[wallet]
listen = "{}"      # ADDRESS:PORT for phones: /wallet/v1
name = "{}"              # the platform's, in every signed and sealed text
terminal = "{}"            # the point of sale at the front ends
rules = "{}"           # routes and limits
sessions = {}
suites = {}
keys = {}                   # who makes a user's key pair: "phone", "platform"
keys_ahead = {}                      # users' keys made ahead while there is nothing else to do, where "platform" makes them
critical = {}                      # amounts from here on are sealed, as "CNY 1000.00"
registration_minutes = {}
lock_minutes = {}                    # after five wrong passwords; 0: until an operator unlocks
session_minutes = {}
order_minutes = {}
decide_minutes = {}                  # an order that nobody tells the end of has to be so old before operators decide it
)", wallet.listen.text(), wallet.name, wallet.terminal, wallet.rules, wallet.sessions, list_of(suites), list_of(keys), wallet.keys_ahead, list_of(critical), policy.registration_minutes,
                                policy.lock_minutes, policy.session_minutes, policy.order_minutes, wallet.decide_minutes);
  if (!wallet.webhook_anchors_file.empty()) out += fmt::format("webhook_anchors_file = \"{}\"\n", wallet.webhook_anchors_file);
  out += text_of(wallet.sms);
  for (const FrontEndConfig& front_end : wallet.front_ends) out += text_of(front_end);
  return out;
}

}  // namespace tf::platform::configuration
