#include "platform/ca/external_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "platform/config/table.hpp"

namespace tf::platform {
namespace {

namespace fs = std::filesystem;
using configuration::Table;

constexpr std::size_t kMostFile = 1U << 20;

Result<std::vector<pki::Certificate>> certificates_in(const std::string& path) {
  return pki::certificates_from_pem(as_text(TF_TRY(read_file(path, kMostFile))));
}

// One line; the end of the line is the file's, not the secret's.
Result<SecretBytes> secret_in(const std::string& path) {
  SecretBytes out = TF_TRY(read_secret_file(path, 4096));
  std::size_t size = out.size();
  while (size > 0 && (out.reveal()[size - 1] == '\n' || out.reveal()[size - 1] == '\r')) --size;
  out.shorten(size);
  return out;
}

Status read_url(const std::string& url, ca::ExternalSettings& out) {
  const std::size_t slash = url.find('/', std::min(url.size(), std::string_view("https://").size()));
  out.client.server = TF_TRY(net::parse_base_url(url.substr(0, slash)));
  out.target = slash == std::string::npos ? "/" : url.substr(slash);
  if (out.kind == ca::ExternalSettings::Kind::est && out.target != "/")
    return Error{Code::invalid, "config.value", "the url of an EST server ends at its port: the path is /.well-known/est"};
  return {};
}

Result<ca::ExternalSettings> read_settings(const std::string& path) {
  toml::table text;
  try {
    text = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return Error{Code::invalid, "config.syntax", fmt::format("{} line {}: {}", path, error.source().begin.line, error.description())};
  }
  Table table(text, "external.");
  ca::ExternalSettings out;
  out.kind = TF_TRY(table.choice("kind", "est", "https", false)) ? ca::ExternalSettings::Kind::https : ca::ExternalSettings::Kind::est;
  TF_CHECK(read_url(TF_TRY(table.text("url", "")), out));
  out.label = TF_TRY(table.text("label", ""));
  out.client.anchors = TF_TRY(net::certificates_from_pem(as_text(TF_TRY(read_file(TF_TRY(table.text("trust", "")), kMostFile)))));
  out.anchors = TF_TRY(certificates_in(TF_TRY(table.text("anchors", ""))));
  if (const std::string more = TF_TRY(table.text("intermediates", "")); !more.empty()) out.intermediates = TF_TRY(certificates_in(more));
  if (const std::string own = TF_TRY(table.text("certificate", "")); !own.empty()) {
    out.client.chain = TF_TRY(net::certificates_from_pem(as_text(TF_TRY(read_file(own, kMostFile)))));
    out.client.key = TF_TRY(net::private_key_from_pem(TF_TRY(read_secret_file(TF_TRY(table.text("key", "")), kMostFile)).reveal()));
  }
  if (const std::string secret = TF_TRY(table.text("credentials", "")); !secret.empty()) out.credentials = TF_TRY(secret_in(secret));
  std::int64_t wait = out.wait.count();
  TF_CHECK(table.integer("wait_seconds", 0, 3600, wait));
  out.wait = std::chrono::seconds(wait);
  TF_CHECK(table.finish());
  return out;
}

}  // namespace

Result<std::map<std::string, std::unique_ptr<ca::ExternalIssuer>>> open_external_issuers(const std::string& directory, const Clock& clock) {
  std::map<std::string, std::unique_ptr<ca::ExternalIssuer>> out;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory, none)) {
    if (entry.path().extension() != ".toml") continue;
    auto settings = read_settings(entry.path().string());
    if (!settings) return Error{settings.error().code, settings.error().reason, entry.path().string() + ": " + settings.error().detail};
    out.emplace(entry.path().stem().string(), TF_TRY(ca::ExternalIssuer::create(std::move(*settings), clock)));
  }
  return out;
}

}  // namespace tf::platform
