#include "vault/software/vault_file.hpp"

#include <bit>

#include "crypto/digest.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::vault::software {
namespace {

constexpr std::size_t kWrappedSecret = 12 + 32 + 16;  // nonce, a 32-byte key, tag

Error damaged(std::string detail) { return {Code::integrity, "vault.file", std::move(detail)}; }

void write_body(wire::JsonWriter& writer, const VaultFile& file) {
  writer.member("format", "trustferry vault").member("version", 1);
  writer.key("scrypt").begin_object().member("n", file.cost.n).member("r", file.cost.r).member("p", file.cost.p);
  writer.member("salt", wire::base64url(file.salt)).end_object();
  writer.member("master", wire::base64url(file.master)).key("keks").begin_array();
  for (const StoredKek& kek : file.keks)
    writer.begin_object().member("id", kek.id).member("blob", wire::base64url(kek.blob)).end_object();
  writer.end_array().key("keys").begin_array();
  for (const auto& [name, key] : file.keys) {
    writer.begin_object().member("name", name).member("kind", name_of(key.kind));
    writer.member("purpose", vault::name_of(key.purpose)).member("kek", key.kek);
    writer.member("blob", wire::base64url(key.blob)).end_object();
  }
  writer.end_array();
}

Result<Purpose> parse_purpose(std::string_view name) {
  for (const auto known : {Purpose::sign, Purpose::decrypt, Purpose::agree, Purpose::certificate, Purpose::tls,
                           Purpose::sign_legacy})
    if (name == vault::name_of(known)) return known;
  return damaged("a key has an unknown purpose");
}

Result<crypto::KeyKind> parse_kind(std::string_view name) {
  for (const auto known : {crypto::KeyKind::p256, crypto::KeyKind::rsa})
    if (name == name_of(known)) return known;
  return damaged("a key is of an unknown kind");
}

// Bounds keep an edited file from asking for gigabytes before anything is authenticated.
Result<crypto::ScryptCost> read_cost(wire::JsonObject& in) {
  crypto::ScryptCost cost;
  cost.n = static_cast<std::uint64_t>(TF_TRY(in.integer("n", 2, 1 << 22)));
  cost.r = static_cast<std::uint64_t>(TF_TRY(in.integer("r", 1, 32)));
  cost.p = static_cast<std::uint64_t>(TF_TRY(in.integer("p", 1, 16)));
  if (!std::has_single_bit(cost.n) || 128 * cost.n * cost.r > (1U << 30))
    return damaged("scrypt parameters out of bounds");
  return cost;
}

Result<VaultFile> read_members(wire::JsonObject& in) {
  if (TF_TRY(in.text("format")) != "trustferry vault") return damaged("not a vault file");
  (void)TF_TRY(in.integer("version", 1, 1));
  VaultFile file;
  wire::JsonObject scrypt = TF_TRY(in.object("scrypt"));
  file.cost = TF_TRY(read_cost(scrypt));
  file.salt = TF_TRY(scrypt.base64url<32>("salt"));
  TF_CHECK(scrypt.finish());
  file.master = TF_TRY(in.base64url("master", kWrappedSecret, kWrappedSecret));
  for (wire::JsonObject& kek : TF_TRY(in.objects("keks", kMaxKeys))) {
    file.keks.push_back({TF_TRY(kek.text("id", 64)), TF_TRY(kek.base64url("blob", kWrappedSecret, kWrappedSecret))});
    TF_CHECK(kek.finish());
  }
  if (file.keks.empty()) return damaged("no KEK in it");
  for (wire::JsonObject& key : TF_TRY(in.objects("keys", kMaxKeys))) {
    StoredKey stored{TF_TRY(parse_kind(TF_TRY(key.text("kind")))), TF_TRY(parse_purpose(TF_TRY(key.text("purpose")))),
                     TF_TRY(key.text("kek", 64)), TF_TRY(key.base64url("blob", 28, 16384))};
    file.keys.emplace(TF_TRY(key.text("name", 64)), std::move(stored));
    TF_CHECK(key.finish());
  }
  file.mac = TF_TRY(in.base64url<32>("mac"));
  (void)TF_TRY(in.base64url<32>("sha256"));
  TF_CHECK(in.finish());
  return file;
}

}  // namespace

std::string_view name_of(crypto::KeyKind kind) { return kind == crypto::KeyKind::p256 ? "p256" : "rsa"; }

std::string authenticated_text(const VaultFile& file) {
  wire::JsonWriter writer;
  writer.begin_object();
  write_body(writer, file);
  return writer.end_object().take();
}

std::string encode(const VaultFile& file) {
  const std::string checked = authenticated_text(file);
  wire::JsonWriter writer;
  writer.begin_object();
  write_body(writer, file);
  writer.member("mac", wire::base64url(file.mac));
  writer.member("sha256", wire::base64url(crypto::sha256({as_bytes(checked), file.mac})));
  return writer.end_object().take() + "\n";
}

Result<VaultFile> decode(std::string_view text) {
  if (!text.ends_with("}\n")) return damaged("it is cut off, or not a vault file");
  auto in = wire::JsonObject::parse(text.substr(0, text.size() - 1), {.size = kMaxFile, .depth = 8});
  if (!in) return damaged(in.error().detail);
  auto file = read_members(*in);
  if (!file) return damaged(file.error().detail);
  // One spelling only: whatever differs from what we would write, checksum included, was not written by us.
  if (encode(*file) != text) return damaged("its checksum or spelling is wrong");
  return file;
}

}  // namespace tf::vault::software
