#include "platform/onboard/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "platform/config/table.hpp"
#include "protocols/onboard/identity.hpp"

namespace tf::platform {
namespace {

using configuration::Table;

constexpr std::string_view kRoles[] = {onboard_role::contract, onboard_role::credentialing, onboard_role::registration,
                                       onboard_role::phlr,     onboard_role::hss,           onboard_role::provisioning};

bool is_fingerprint(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_id(const std::string& text) {
  const auto alphanumeric = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 64 && alphanumeric(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

Status wrong_url(const std::string& url) {
  return Error{Code::invalid, "config.value", fmt::format("\"{}\" is not a URL of the kind https://host:port", url)};
}

Result<OnboardPeer> read_peer(const toml::node& node) {
  if (!node.is_table()) return configuration::wrong(node, "a peer is a table, [[peer]]");
  Table table(*node.as_table(), "peer.");
  OnboardPeer out;
  out.role = TF_TRY(table.text("role", ""));
  if (!is_onboard_role(out.role) && out.role != onboard_role::ocsp && out.role != onboard_role::staff)
    return configuration::wrong(node, "a peer's role is contract, credentialing, registration, phlr, hss, provisioning, ocsp or staff");
  out.name = TF_TRY(table.text("name", out.role));
  out.url = TF_TRY(table.text("url", ""));
  while (out.url.ends_with('/')) out.url.pop_back();
  if (!out.url.empty() && !out.url.starts_with(out.role == onboard_role::ocsp ? "http" : "https://")) TF_CHECK(wrong_url(out.url));
  out.operator_id = TF_TRY(table.text("operator", ""));
  if (!out.operator_id.empty() && !is_id(out.operator_id)) return configuration::wrong(node, "operator is no id");
  TF_CHECK(table.texts("fingerprints", out.fingerprints));
  if (!std::ranges::all_of(out.fingerprints, is_fingerprint)) return configuration::wrong(node, "a fingerprint is SHA-256 in 64 lower-case hex digits");
  out.server_id = TF_TRY(table.text("server_id", ""));
  TF_CHECK(table.finish());
  return out;
}

Status read_access(Table& table, OnboardSettings::Access& out) {
  out.wanted = TF_TRY(table.choice("access", "open", "token", out.wanted));
  return table.texts("access_from", out.from);
}

Result<OnboardSettings::OtherItem> read_item(const toml::node& node) {
  if (!node.is_table()) return configuration::wrong(node, "an item is a table, [[credentialing.item]]");
  Table table(*node.as_table(), "credentialing.item.");
  OnboardSettings::OtherItem out{TF_TRY(table.text("name", "")), TF_TRY(table.text("type", "application/octet-stream")), TF_TRY(table.text("file", ""))};
  if (!is_id(out.name) || out.file.empty()) return configuration::wrong(node, "an item has a name (an id) and a file");
  TF_CHECK(table.finish());
  return out;
}

Status read_sections(Table& table, OnboardSettings& out) {
  if (const toml::table* section = TF_TRY(table.table("registration"))) {
    Table inner(*section, "registration.");
    TF_CHECK(read_access(inner, out.registration.access));
    TF_CHECK(inner.finish());
  }
  if (const toml::table* section = TF_TRY(table.table("credentialing"))) {
    Table inner(*section, "credentialing.");
    TF_CHECK(inner.integer("registration_days", 1, 365, out.credentialing.registration_days));
    TF_CHECK(inner.integer("sessions", 1, 10'000'000, out.credentialing.sessions));
    TF_CHECK(read_access(inner, out.credentialing.access));
    if (const toml::array* items = TF_TRY(inner.tables("item")))
      for (const toml::node& node : *items) out.credentialing.items.push_back(TF_TRY(read_item(node)));
    out.credentialing.notify = TF_TRY(inner.text("notify", ""));
    TF_CHECK(inner.finish());
  }
  if (const toml::table* section = TF_TRY(table.table("phlr"))) {
    Table inner(*section, "phlr.");
    out.phlr.realm = TF_TRY(inner.text("realm", out.phlr.realm));
    TF_CHECK(inner.texts("hosts", out.phlr.hosts));
    TF_CHECK(inner.integer("token_minutes", 1, 24 * 60, out.phlr.token_minutes));
    out.phlr.socket = TF_TRY(inner.text("socket", ""));
    TF_CHECK(inner.finish());
  }
  if (const toml::table* section = TF_TRY(table.table("hss"))) {
    Table inner(*section, "hss.");
    out.hss.imsi_prefix = TF_TRY(inner.text("imsi_prefix", out.hss.imsi_prefix));
    TF_CHECK(inner.integer("imsi_first", 0, 9'999'999'999, out.hss.imsi_first));
    TF_CHECK(inner.integer("imsi_last", 0, 9'999'999'999, out.hss.imsi_last));
    out.hss.iccid_prefix = TF_TRY(inner.text("iccid_prefix", out.hss.iccid_prefix));
    out.hss.realm = TF_TRY(inner.text("realm", out.hss.realm));
    const bool tuak = TF_TRY(inner.choice("algorithm", "milenage", "tuak", out.hss.algorithm == crypto::AkaAlgorithm::tuak));
    out.hss.algorithm = tuak ? crypto::AkaAlgorithm::tuak : crypto::AkaAlgorithm::milenage;
    out.hss.osmo = TF_TRY(inner.text("osmo", ""));
    TF_CHECK(inner.integer("osmo_control", 1, 65535, out.hss.osmo_control));
    TF_CHECK(inner.integer("osmo_gsup", 1, 65535, out.hss.osmo_gsup));
    TF_CHECK(inner.finish());
  }
  if (const toml::table* section = TF_TRY(table.table("provisioning"))) {
    Table inner(*section, "provisioning.");
    out.provisioning.server_id = TF_TRY(inner.text("server_id", out.provisioning.server_id));
    TF_CHECK(inner.integer("keep_days", 1, 3650, out.provisioning.keep_days));
    TF_CHECK(inner.integer("waiting", 1, 100'000'000, out.provisioning.waiting));
    TF_CHECK(inner.texts("notify", out.provisioning.notify));
    TF_CHECK(inner.finish());
  }
  if (const toml::table* section = TF_TRY(table.table("contract"))) {
    Table inner(*section, "contract.");
    TF_CHECK(inner.integer("chunk", 1, 1'000, out.contract.chunk));
    TF_CHECK(inner.finish());
  }
  return {};
}

constexpr std::size_t kMostItems = 16;  // of a delivery

Status check_credentialing(const OnboardSettings::Credentialing& settings) {
  if (settings.items.size() > kMostItems) return Error{Code::invalid, "config.value", fmt::format("a delivery takes {} items along at most, not {}", kMostItems, settings.items.size())};
  if (!settings.notify.empty() && !notify_address(settings.notify, "M2M-1"))
    return Error{Code::invalid, "config.value", fmt::format("credentialing.notify is HOST:PORT in lower case, {{dsim_id}} in it or not: \"{}\"", settings.notify)};
  return {};
}

// Five or six digits of the network, and room for the rest of 15.
Status check(const OnboardSettings& settings) {
  const auto digits = [](const std::string& text) { return text.find_first_not_of("0123456789") == std::string::npos; };
  const auto& hss = settings.hss;
  if ((hss.imsi_prefix.size() != 5 && hss.imsi_prefix.size() != 6) || !digits(hss.imsi_prefix))
    return Error{Code::invalid, "config.value", "hss.imsi_prefix is the country's and the network's code, 5 or 6 digits"};
  if (hss.imsi_last < hss.imsi_first || (hss.imsi_prefix.size() == 6 && hss.imsi_last > 999'999'999))
    return Error{Code::invalid, "config.value", "hss.imsi_first to imsi_last is no range of 9 or 10 digits behind the prefix"};
  if (hss.iccid_prefix.size() < 2 || hss.iccid_prefix.size() > 9 || !digits(hss.iccid_prefix))
    return Error{Code::invalid, "config.value", "hss.iccid_prefix is 2 to 9 digits"};
  if (!hss.osmo.empty() && hss.algorithm != crypto::AkaAlgorithm::milenage)
    return Error{Code::invalid, "config.value", "hss.algorithm is \"milenage\" with hss.osmo: osmo-hlr is given keys of Milenage alone; for TUAK leave hss.osmo empty"};
  const bool of_operator = settings.has(onboard_role::contract) || settings.has(onboard_role::credentialing) || settings.has(onboard_role::hss);
  if (of_operator && !is_id(settings.operator_id)) return Error{Code::invalid, "config.value", "operator is an id: 1 to 64 of A-Z a-z 0-9 . _ -"};
  for (std::size_t i = 0; i < settings.peers.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (settings.peers[i].role == settings.peers[j].role && settings.peers[i].name == settings.peers[j].name)
        return Error{Code::invalid, "config.value", fmt::format("two peers are called {} {}", settings.peers[i].role, settings.peers[i].name)};
  // Who asks a second one where the first is silent gets a second credential for the same device.
  if (settings.peers_of(onboard_role::hss).size() > 1) return Error{Code::invalid, "config.value", "there is one peer of role hss at most: two would make a device two credentials"};
  std::set<std::string> server_ids;
  for (const OnboardPeer& peer : settings.peers_of(onboard_role::provisioning))
    if (!server_ids.insert(peer.dm_name()).second)
      return Error{Code::invalid, "config.value", "two peers of role provisioning have the same server_id: each has accounts of its own"};
  TF_CHECK(check_credentialing(settings.credentialing));
  if (settings.name.empty()) return Error{Code::invalid, "config.value", "name is missing"};
  if (settings.hosts.empty()) return Error{Code::invalid, "config.value", "hosts names one host at least"};
  return {};
}

const char* word_of(const OnboardSettings::Access& access) { return access.wanted ? "token" : "open"; }

std::string list_of(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", text);
  return "[" + out + "]";
}

}  // namespace

bool is_onboard_role(std::string_view name) { return std::ranges::find(kRoles, name) != std::end(kRoles); }

std::optional<std::string> notify_address(std::string address, std::string dsim_id) {
  constexpr std::string_view kWord = "{dsim_id}";
  if (const std::size_t at = address.find(kWord); at != std::string::npos) {
    if (dsim_id.contains(':')) return std::nullopt;
    std::ranges::transform(dsim_id, dsim_id.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    address.replace(at, kWord.size(), dsim_id);
  }
  if (!onboard::parse_host(address)) return std::nullopt;
  return address;
}

bool OnboardSettings::has(std::string_view role) const { return std::ranges::find(roles, role) != roles.end(); }

std::string OnboardSettings::own_url() const { return url.empty() ? fmt::format("https://{}:{}", hosts.front(), listen.port) : url; }

std::vector<OnboardPeer> OnboardSettings::peers_of(std::string_view role) const {
  std::vector<OnboardPeer> out;
  std::ranges::copy_if(peers, std::back_inserter(out), [&](const OnboardPeer& peer) { return peer.role == role; });
  return out;
}

Result<OnboardSettings> read_onboard_settings(const std::string& path) {
  toml::table text;
  try {
    text = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return Error{Code::invalid, "config.syntax", fmt::format("{} line {}: {}", path, error.source().begin.line, error.description())};
  }
  OnboardSettings out;
  Table table(text, "");
  TF_CHECK(table.texts("roles", out.roles));
  for (const std::string& role : out.roles)
    if (!is_onboard_role(role)) return Error{Code::invalid, "config.value", fmt::format("there is no role \"{}\"", role)};
  out.name = TF_TRY(table.text("name", ""));
  out.operator_id = TF_TRY(table.text("operator", ""));
  TF_CHECK(table.texts("hosts", out.hosts));
  out.listen = TF_TRY(table.listen("listen", out.listen));
  out.metrics = TF_TRY(table.listen_if("metrics"));
  out.url = TF_TRY(table.text("url", ""));
  while (out.url.ends_with('/')) out.url.pop_back();
  if (!out.url.empty() && !out.url.starts_with("https://")) TF_CHECK(wrong_url(out.url));
  TF_CHECK(table.integer("connections", 1, 100'000, out.connections));
  TF_CHECK(table.integer("workers", 1, 1024, out.workers));
  TF_CHECK(table.integer("answer_seconds", 1, 60, out.answer_seconds));
  TF_CHECK(table.integer("stop_seconds", 1, 300, out.stop_seconds));
  TF_CHECK(table.integer("gather_ms", 0, 1000, out.gather_ms));
  TF_CHECK(read_sections(table, out));
  if (const toml::array* peers = TF_TRY(table.tables("peer")))
    for (const toml::node& node : *peers) out.peers.push_back(TF_TRY(read_peer(node)));
  TF_CHECK(table.finish());
  TF_CHECK(check(out));
  return out;
}

std::string text_of(const OnboardSettings& settings) {
  std::string out = fmt::format(R"(# A server of onboard. An unknown key is an error.
roles = {}
name = "{}"
operator = "{}"
hosts = {}             # in its TLS certificate
listen = "{}"
metrics = "{}"         # ADDRESS:PORT where /metrics is, over plain HTTP; empty: nowhere
url = "{}"             # how others reach it
connections = {}
workers = {}           # threads for devices, and as many for other servers
answer_seconds = {}    # after which a silent server is left for the next
stop_seconds = {}
gather_ms = {}         # a group commit waits so long for company, once writers come in company
)", list_of(settings.roles), settings.name, settings.operator_id, list_of(settings.hosts), settings.listen.text(),
      settings.metrics ? settings.metrics->text() : "", settings.own_url(),
      settings.connections, settings.workers, settings.answer_seconds, settings.stop_seconds, settings.gather_ms);
  if (settings.has(onboard_role::registration))
    out += fmt::format("\n[registration]\naccess = \"{}\"       # or \"open\": referrals without an access token\naccess_from = {}   # names of PHLRs; none: any\n",
                       word_of(settings.registration.access), list_of(settings.registration.access.from));
  if (settings.has(onboard_role::credentialing)) {
    const auto& it = settings.credentialing;
    out += fmt::format("\n[credentialing]\nregistration_days = {}\nsessions = {}\naccess = \"{}\"       # or \"token\": hello needs an access token\naccess_from = {}\n"
                       "notify = \"{}\"         # HOST:PORT of devices' package 0, {{dsim_id}} in it; empty: devices begin\n",
                       it.registration_days, it.sessions, word_of(it.access), list_of(it.access.from), it.notify);
    for (const auto& item : it.items) out += fmt::format("\n[[credentialing.item]]\nname = \"{}\"\ntype = \"{}\"\nfile = \"{}\"\n", item.name, item.type, item.file);
  }
  if (settings.has(onboard_role::phlr))
    out += fmt::format("\n[phlr]\nrealm = \"{}\"\nhosts = {}   # host:port that a token opens\ntoken_minutes = {}\nsocket = \"{}\"   # of hostapd's eap_sim_db; empty: none\n",
                       settings.phlr.realm, list_of(settings.phlr.hosts), settings.phlr.token_minutes, settings.phlr.socket);
  if (settings.has(onboard_role::hss))
    out += fmt::format("\n[hss]\nimsi_prefix = \"{}\"\nimsi_first = {}\nimsi_last = {}\niccid_prefix = \"{}\"\nrealm = \"{}\"\n"
                       "algorithm = \"{}\"   # of new subscribers: milenage or tuak\nosmo = \"{}\"   # where osmo-hlr is; empty: our own centre\nosmo_control = {}\nosmo_gsup = {}\n",
                       settings.hss.imsi_prefix, settings.hss.imsi_first, settings.hss.imsi_last, settings.hss.iccid_prefix, settings.hss.realm,
                       crypto::name_of(settings.hss.algorithm), settings.hss.osmo, settings.hss.osmo_control, settings.hss.osmo_gsup);
  if (settings.has(onboard_role::provisioning))
    out += fmt::format("\n[provisioning]\nserver_id = \"{}\"\nkeep_days = {}   # a delivery that nobody fetches\nwaiting = {}   # deliveries of one operator\n"
                       "notify = {}   # where package 0 may go: \"10.0.0.0/8\", \".devices.example\"; none: nowhere\n",
                       settings.provisioning.server_id, settings.provisioning.keep_days, settings.provisioning.waiting, list_of(settings.provisioning.notify));
  if (settings.has(onboard_role::contract)) out += fmt::format("\n[contract]\nchunk = {}   # rows a call\n", settings.contract.chunk);
  for (const OnboardPeer& peer : settings.peers) {
    out += fmt::format("\n[[peer]]\nrole = \"{}\"\nname = \"{}\"\nurl = \"{}\"\n", peer.role, peer.name, peer.url);
    if (!peer.operator_id.empty()) out += fmt::format("operator = \"{}\"\n", peer.operator_id);
    if (!peer.fingerprints.empty()) out += fmt::format("fingerprints = {}\n", list_of(peer.fingerprints));
    if (!peer.server_id.empty()) out += fmt::format("server_id = \"{}\"\n", peer.server_id);
  }
  return out;
}

}  // namespace tf::platform
