#include "platform/ca/ocsp_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "pki/key_file.hpp"
#include "platform/config/table.hpp"

namespace tf::platform {
namespace {

namespace fs = std::filesystem;
using configuration::Table;

constexpr std::size_t kMostFile = 64 * 1024;
constexpr std::int64_t kMostShards = 4096;

std::string file_of(const std::string& directory, const std::string& authority, const char* ending) {
  return directory + "/authorities/" + authority + ending;
}

Status check_name(const std::string& name) {
  const bool plain = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (plain) return {};
  return Error{Code::invalid, "ocsp.authority", "an authority's name is a–z, 0–9, '-' and '_'"};
}

Status make_directories(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory + "/authorities", error);
  if (!error) fs::create_directories(directory + "/lists", error);
  if (error) return Error{Code::unavailable, "ocsp.directory", "cannot make " + directory + ": " + error.message()};
  fs::permissions(directory + "/authorities", fs::perms::owner_all, error);
  return {};
}

Result<toml::table> parsed(const std::string& path) {
  try {
    return toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return Error{Code::invalid, "config.syntax", fmt::format("{} line {}: {}", path, error.source().begin.line, error.description())};
  }
}

// No quotes and backslashes: it is written between quotes as it is.
Status check_plain(const std::string& text) {
  if (std::ranges::none_of(text, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; })) return {};
  return Error{Code::invalid, "ocsp.url", "quotes, backslashes and control characters cannot stand in " + text};
}

Result<pki::Certificate> read_certificate(const std::string& path) { return pki::Certificate::from_pem(as_text(TF_TRY(read_file(path, kMostFile)))); }

Result<crypto::PrivateKey> read_key(const std::string& path) { return pki::private_key_from_pem(TF_TRY(read_secret_file(path, kMostFile)), nullptr); }

Result<OcspAuthority> read_authority(const std::string& directory, const std::string& name) {
  TF_CHECK(check_name(name));
  const toml::table text = TF_TRY(parsed(file_of(directory, name, ".toml")));
  Table table(text, name + ".");
  OcspAuthority out{.listed = {name, TF_TRY(read_certificate(file_of(directory, name, ".crt"))), {}, 0}, .fetch = {}, .trust_file = {}};
  out.listed.pattern = TF_TRY(table.text("lists", ""));
  std::int64_t shards = 0;
  TF_CHECK(table.integer("shards", 0, kMostShards, shards));
  out.listed.shards = static_cast<std::uint32_t>(shards);
  out.fetch = TF_TRY(table.text("fetch", out.listed.pattern));
  out.trust_file = TF_TRY(table.text("trust", ""));
  TF_CHECK(table.finish());
  if (out.fetch.empty()) return Error{Code::invalid, "ocsp.lists", "authority " + name + " does not say where its lists are"};
  return out;
}

std::string text_of(const OcspAuthority& authority) {
  std::string out = fmt::format("lists = \"{}\"\nshards = {}   # 0: one complete list\n", authority.listed.pattern, authority.listed.shards);
  if (!authority.fetch.empty() && authority.fetch != authority.listed.pattern) out += fmt::format("fetch = \"{}\"\n", authority.fetch);
  if (!authority.trust_file.empty()) out += fmt::format("trust = \"{}\"\n", authority.trust_file);
  return out;
}

}  // namespace

Result<OcspSettings> read_ocsp_settings(const std::string& directory) {
  OcspSettings out;
  const std::string path = directory + "/ocsp.toml";
  if (!fs::exists(path)) return out;
  const toml::table text = TF_TRY(parsed(path));
  Table table(text, "");
  out.listen = TF_TRY(table.listen("listen", out.listen));
  out.metrics = TF_TRY(table.listen_if("metrics"));
  TF_CHECK(table.integer("refresh_seconds", 1, 86'400, out.refresh_seconds));
  TF_CHECK(table.integer("validity_minutes", 1, 7 * 24 * 60, out.validity_minutes));
  TF_CHECK(table.integer("connections", 1, 100'000, out.connections));
  TF_CHECK(table.integer("io_threads", 1, 256, out.io_threads));
  TF_CHECK(table.finish());
  return out;
}

Result<std::vector<OcspAuthority>> read_ocsp_authorities(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory + "/authorities", error))
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  std::vector<OcspAuthority> out;
  for (const std::string& name : names) out.push_back(TF_TRY(read_authority(directory, name)));
  if (out.empty()) return Error{Code::not_found, "ocsp.no_authorities", "there is no authority in " + directory + "/authorities: ocsp request, ocsp install"};
  return out;
}

Result<ca::Served> read_ocsp_delegate(const std::string& directory, const OcspAuthority& authority, std::int64_t now_ms) {
  const std::string& name = authority.listed.name;
  const auto certificate = TF_TRY(read_certificate(file_of(directory, name, ".ocsp.crt")));
  const auto key = TF_TRY(read_key(file_of(directory, name, ".ocsp.key")));
  TF_CHECK(pki::ocsp::check_responder(certificate, authority.listed.certificate, now_ms));
  return ca::Served{name, authority.listed.certificate, TF_TRY(pki::ocsp::responder_of(certificate, key))};
}

std::string ocsp_list_file(const std::string& directory, const std::string& authority, std::uint32_t shard) {
  return fmt::format("{}/lists/{}-{}.crl", directory, authority, shard);
}

Result<pki::CertificateRequest> request_ocsp_delegate(const std::string& directory, const std::string& authority, bool rsa) {
  TF_CHECK(check_name(authority));
  TF_CHECK(make_directories(directory));
  const auto key = rsa ? crypto::PrivateKey::generate_rsa(2048) : crypto::PrivateKey::generate_p256();
  auto request = TF_TRY(pki::CertificateRequest::make("OCSP for " + authority, key));
  TF_CHECK(write_private_file(file_of(directory, authority, ".ocsp.key.new"), pki::to_pem(key).reveal()));
  return request;
}

// The certificate goes first: were we cut off between the two, the old key would be with the new certificate, which the next start refuses,
// and installing once more sets right.
Status install_ocsp_delegate(const std::string& directory, const OcspAuthority& authority, const pki::Certificate& delegate, std::int64_t now_ms) {
  const std::string& name = authority.listed.name;
  TF_CHECK(check_name(name));
  for (const std::string* text : {&authority.listed.pattern, &authority.fetch, &authority.trust_file}) TF_CHECK(check_plain(*text));
  TF_CHECK(make_directories(directory));
  TF_CHECK(pki::ocsp::check_responder(delegate, authority.listed.certificate, now_ms));
  const std::string made = file_of(directory, name, ".ocsp.key.new"), used = file_of(directory, name, ".ocsp.key");
  const bool is_new = fs::exists(made);
  const auto key = TF_TRY(read_key(is_new ? made : used));
  (void)TF_TRY(pki::ocsp::responder_of(delegate, key));  // they belong together
  TF_CHECK(write_file_atomic(file_of(directory, name, ".crt"), as_bytes(authority.listed.certificate.to_pem()), 0644));
  TF_CHECK(write_file_atomic(file_of(directory, name, ".ocsp.crt"), as_bytes(delegate.to_pem()), 0644));
  std::error_code error;
  if (is_new) fs::rename(made, used, error);
  if (error) return Error{Code::unavailable, "ocsp.directory", "cannot rename " + made + ": " + error.message()};
  if (!authority.fetch.empty()) TF_CHECK(write_file_atomic(file_of(directory, name, ".toml"), as_bytes(text_of(authority)), 0644));
  return {};
}

}  // namespace tf::platform
