#include "terminal/cardsign/bridge_settings.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "net/client/base_url.hpp"
#include "wire/json.hpp"

namespace tf::terminal {
namespace {

constexpr std::size_t kMaxFile = 256 * 1024;
constexpr std::size_t kMaxList = 16;
constexpr const char* kRootFile = "root.crt";
constexpr const char* kManufacturersFile = "manufacturers.crt";

void write_texts(wire::JsonWriter& writer, std::string_view name, const std::vector<std::string>& texts) {
  writer.key(name).begin_array();
  for (const std::string& text : texts) writer.value(text);
  writer.end_array();
}

Error in_file(const std::string& path, const Error& error) {
  return {Code::invalid, "bridge.settings", path + ": " + (error.detail.empty() ? error.reason : error.detail)};
}

// A file named in the settings: beside them, nowhere else.
Result<std::vector<pki::Certificate>> certificates(const std::string& directory, const std::string& name) {
  if (name.find('/') != std::string::npos) return Error{Code::invalid, "bridge.settings", "the certificates are beside bridge.json"};
  const std::string path = directory + "/" + name;
  const auto pem = read_file(path, kMaxFile);
  if (!pem) return in_file(path, pem.error());
  auto out = pki::certificates_from_pem(as_text(*pem));
  if (!out) return in_file(path, out.error());
  return out;
}

Result<BridgeSettings> decode(const std::string& directory, std::string_view text) {
  auto object = TF_TRY(wire::JsonObject::parse(text));
  const std::string platform = TF_TRY(cardsign::parse_platform(TF_TRY(object.text("platform", 64))));
  std::vector<std::string> extensions, origins;
  for (const std::string& id : TF_TRY(object.texts("extensions", kMaxList))) extensions.push_back(TF_TRY(parse_extension(id)));
  for (const std::string& origin : TF_TRY(object.texts("origins", kMaxList))) origins.push_back(TF_TRY(parse_origin(origin)));
  auto root = TF_TRY(certificates(directory, TF_TRY(object.text("root", 64))));
  auto manufacturers = TF_TRY(certificates(directory, TF_TRY(object.text("manufacturers", 64))));
  TF_CHECK(object.finish());
  if (root.size() != 1) return Error{Code::invalid, "bridge.settings", "one root"};
  if (extensions.empty() || origins.empty()) return Error{Code::invalid, "bridge.settings", "no extension or no origin may use it"};
  return BridgeSettings{std::move(extensions), std::move(origins), {platform, std::move(root.front()), std::move(manufacturers)}};
}

}  // namespace

Result<std::string> parse_origin(std::string_view text) {
  const Error wrong{Code::invalid, "bridge.origin", "an origin is https://host or https://host:port, in lower case: " + std::string(text.substr(0, 80))};
  const auto url = net::parse_base_url(text);
  if (!url) return wrong;
  const bool v6 = url->host.find(':') != std::string::npos;
  std::string out = "https://" + (v6 ? "[" + url->host + "]" : url->host);
  if (url->port != 443) out += ":" + std::to_string(url->port);
  if (out != text) return wrong;
  return out;
}

Result<std::string> parse_extension(std::string_view id) {
  if (id.size() == 32 && std::ranges::all_of(id, [](char c) { return c >= 'a' && c <= 'p'; })) return std::string(id);
  return Error{Code::invalid, "bridge.extension", "an extension's id is 32 letters a to p"};
}

Result<BridgeSettings> read_bridge_settings(const std::string& directory) {
  const std::string path = directory + "/bridge.json";
  const auto text = read_file(path, kMaxFile);
  if (!text) return Error{Code::not_found, "bridge.not_installed", path + " is not there; run trustferry bridge install"};
  auto out = decode(directory, as_text(*text));
  if (!out && out.error().reason != std::string_view("bridge.settings")) return in_file(path, out.error());
  return out;
}

Status write_bridge_settings(const std::string& directory, const BridgeSettings& settings) {
  wire::JsonWriter writer;
  writer.begin_object().member("platform", settings.trust.platform);
  write_texts(writer, "extensions", settings.extensions);
  write_texts(writer, "origins", settings.origins);
  writer.member("root", kRootFile).member("manufacturers", kManufacturersFile).end_object();
  TF_CHECK(write_file_atomic(directory + "/" + kRootFile, as_bytes(settings.trust.root.to_pem()), 0644));
  TF_CHECK(write_file_atomic(directory + "/" + kManufacturersFile, as_bytes(pki::to_pem(settings.trust.manufacturers)), 0644));
  return write_file_atomic(directory + "/bridge.json", as_bytes(writer.text() + "\n"), 0644);
}

std::string host_manifest(const BridgeSettings& settings, const std::string& program) {
  std::vector<std::string> callers;
  for (const std::string& id : settings.extensions) callers.push_back("chrome-extension://" + id + "/");
  wire::JsonWriter writer;
  writer.begin_object().member("name", kBridgeName).member("description", "Trustferry: a smart card signs payments").member("path", program);
  writer.member("type", "stdio");
  write_texts(writer, "allowed_origins", callers);
  return writer.end_object().take() + "\n";
}

Status check_caller(const BridgeSettings& settings, std::string_view caller) {
  for (const std::string& id : settings.extensions)
    if (caller == "chrome-extension://" + id + "/") return {};
  return Error{Code::denied, "bridge.extension", "started by a program that may not: " + std::string(caller.substr(0, 80))};
}

}  // namespace tf::terminal
