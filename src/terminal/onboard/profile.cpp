#include "terminal/onboard/profile.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "net/client/base_url.hpp"
#include "protocols/onboard/identity.hpp"
#include "wire/json.hpp"

namespace tf::terminal {
namespace {

constexpr std::size_t kMaxFile = 64 * 1024;
constexpr std::size_t kMaxServers = 8;
constexpr std::size_t kMaxWord = 64;
constexpr std::size_t kMaxPath = 1024;

Error wrong(std::string what) { return {Code::invalid, "terminal.profile", std::move(what)}; }

Result<std::string> server(std::string url, std::string_view what) {
  if (!onboard::parse_url(url) || !net::parse_base_url(url)) return wrong(fmt::format("{}: not https://HOST[:PORT]: {}", what, url));
  return url;
}

Result<std::vector<OnboardProfile::Server>> registration_in(wire::JsonObject& object) {
  std::vector<OnboardProfile::Server> out;
  for (wire::JsonObject& each : TF_TRY(object.objects("registration", kMaxServers))) {
    out.push_back({TF_TRY(onboard::parse_id(TF_TRY(each.text("name", onboard::kMaxId)))), TF_TRY(server(TF_TRY(each.text("url", onboard::kMaxUrl)), "registration"))});
    TF_CHECK(each.finish());
  }
  if (out.empty()) return wrong("registration: at least one server");
  return out;
}

Result<std::vector<std::string>> responders_in(wire::JsonObject& object) {
  auto out = TF_TRY(object.texts("ocsp", kMaxServers, onboard::kMaxUrl));
  if (out.empty()) return wrong("ocsp: at least one responder; without one no operator is believed");
  for (const std::string& url : out)
    if (!onboard::host_of(url)) return wrong("ocsp: not a URL: " + url);
  return out;
}

Result<std::vector<std::string>> operators_in(wire::JsonObject& object) {
  std::vector<std::string> out;
  if (!object.has("operators")) return out;
  out = TF_TRY(object.texts("operators", kMaxServers, onboard::kMaxId));
  if (out.empty()) return wrong("operators: name at least one, or leave it out");
  for (const std::string& name : out) TF_TRY(onboard::parse_id(name));
  return out;
}

Result<std::string> word(wire::JsonObject& object, std::string_view name) {
  std::string out = TF_TRY(object.text(name, kMaxWord));
  if (out.empty()) return wrong(fmt::format("{}: is empty", name));
  for (const char c : out)
    if (static_cast<unsigned char>(c) < 0x20) return wrong(fmt::format("{}: has a control character", name));
  return out;
}

Result<OnboardProfile::Aka> aka_in(wire::JsonObject object) {
  OnboardProfile::Aka out{TF_TRY(server(TF_TRY(object.text("url", onboard::kMaxUrl)), "url")), TF_TRY(word(object, "realm"))};
  if (out.realm.find_first_of("\"\\@") != std::string::npos) return wrong("realm: has a quote or @: " + out.realm);
  TF_CHECK(object.finish());
  return out;
}

void write_aka(wire::JsonWriter& writer, std::string_view name, const std::optional<OnboardProfile::Aka>& aka) {
  if (aka) writer.key(name).begin_object().member("url", aka->url).member("realm", aka->realm).end_object();
}

Status read_module(wire::JsonObject module, OnboardProfile& out) {
  const std::string kind = TF_TRY(module.text("kind", kMaxWord));
  if (kind != "software" && kind != "tpm" && kind != "uicc") return wrong("module: kind is software, tpm or uicc, not " + kind);
  out.module = kind == "tpm" ? ModuleKind::tpm : kind == "uicc" ? ModuleKind::uicc : ModuleKind::software;
  if (out.module == ModuleKind::tpm) out.tcti = TF_TRY(module.text("tcti", 256));
  if (out.module == ModuleKind::uicc) {
    if (module.has("card") == module.has("reader")) return wrong("module: a uicc has a reader or a card");
    if (module.has("card")) out.card = TF_TRY(module.text("card", kMaxPath));
    else out.reader = TF_TRY(module.text("reader", 256));
    if (module.has("card") && out.card.empty()) return wrong("module: card is empty");
    if (module.has("card_root")) out.card_root = TF_TRY(module.text("card_root", kMaxPath));
  }
  return module.finish();
}

std::string_view name_of(ModuleKind kind) { return kind == ModuleKind::tpm ? "tpm" : kind == ModuleKind::uicc ? "uicc" : "software"; }

Result<OnboardProfile> decode(std::string_view text) {
  auto object = TF_TRY(wire::JsonObject::parse(text));
  OnboardProfile out;
  out.dsim_id = TF_TRY(onboard::parse_dsim_id(TF_TRY(object.text("dsim_id", onboard::kMaxId))));
  out.registration = TF_TRY(registration_in(object));
  if (object.has("phlr")) out.phlr = TF_TRY(aka_in(TF_TRY(object.object("phlr"))));
  out.ocsp = TF_TRY(responders_in(object));
  out.operators = TF_TRY(operators_in(object));
  out.root = TF_TRY(object.text("root", kMaxPath));
  if (out.root.empty()) return wrong("root: is empty");
  if (object.has("authenticate")) out.authenticate = TF_TRY(aka_in(TF_TRY(object.object("authenticate"))));
  auto info = TF_TRY(object.object("info"));
  out.manufacturer = TF_TRY(word(info, "manufacturer"));
  out.model = TF_TRY(word(info, "model"));
  out.language = TF_TRY(word(info, "language"));
  TF_CHECK(info.finish());
  TF_CHECK(read_module(TF_TRY(object.object("module")), out));
  TF_CHECK(object.finish());
  return out;
}

void write_all(wire::JsonWriter& writer, std::string_view name, const std::vector<std::string>& texts) {
  writer.key(name).begin_array();
  for (const std::string& text : texts) writer.value(text);
  writer.end_array();
}

}  // namespace

std::string encode(const OnboardProfile& profile) {
  wire::JsonWriter writer;
  writer.begin_object().member("dsim_id", profile.dsim_id);
  writer.key("registration").begin_array();
  for (const auto& each : profile.registration) writer.begin_object().member("name", each.name).member("url", each.url).end_object();
  writer.end_array();
  write_aka(writer, "phlr", profile.phlr);
  write_all(writer, "ocsp", profile.ocsp);
  if (!profile.operators.empty()) write_all(writer, "operators", profile.operators);
  writer.member("root", profile.root);
  write_aka(writer, "authenticate", profile.authenticate);
  writer.key("info").begin_object().member("manufacturer", profile.manufacturer).member("model", profile.model).member("language", profile.language).end_object();
  writer.key("module").begin_object().member("kind", name_of(profile.module));
  if (profile.module == ModuleKind::tpm) writer.member("tcti", profile.tcti);
  if (profile.module == ModuleKind::uicc) {
    if (profile.card.empty()) writer.member("reader", profile.reader);
    else writer.member("card", profile.card);
    if (!profile.card_root.empty()) writer.member("card_root", profile.card_root);
  }
  return writer.end_object().end_object().take();
}

Result<OnboardProfile> decode_onboard_profile(std::string_view text) {
  auto out = decode(text);
  if (!out) return Error{Code::invalid, "terminal.profile", out.error().detail.empty() ? std::string(out.error().reason) : out.error().detail};
  return out;
}

Result<OnboardProfile::Aka> decode_onboard_aka(std::string_view text) { return aka_in(TF_TRY(wire::JsonObject::parse(text))); }

Status write_onboard_profile(const std::string& directory, const OnboardProfile& profile) {
  const std::string text = encode(profile);
  TF_CHECK(decode_onboard_profile(text));
  return write_file_atomic(onboard_profile_path(directory), as_bytes(text + "\n"), 0644);
}

Result<OnboardProfile> read_onboard_profile(const std::string& directory) {
  const std::string path = onboard_profile_path(directory);
  const auto text = read_file(path, kMaxFile);
  if (!text && text.error().code == Code::not_found)
    return Error{Code::not_found, "terminal.no_device", directory + " holds no device: terminal onboard make"};
  if (!text) return text.error();
  auto out = decode_onboard_profile(as_text(*text));
  if (!out) return Error{out.error().code, out.error().reason, path + ": " + out.error().detail};
  return out;
}

Result<pki::Certificate> onboard_root(const std::string& directory, const OnboardProfile& profile) {
  const std::string path = onboard_path(directory, profile.root);
  auto root = pki::Certificate::from_pem(as_text(TF_TRY(read_file(path, kMaxFile))));
  if (!root) return wrong("root: " + path + " holds not one certificate in PEM");
  return root;
}

}  // namespace tf::terminal
