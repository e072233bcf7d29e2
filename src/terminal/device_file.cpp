#include "terminal/device_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/file.hpp"
#include "crypto/aead.hpp"
#include "protocols/rki/keys.hpp"
#include "wire/fields.hpp"

namespace tf::terminal {
namespace {

constexpr std::string_view kDeviceFormat = "trustferry/device/1";
constexpr std::size_t kMaxDeviceFile = 256 * 1024;

Bytes aad_of(const wire::Dsn& dsn) { return wire::FieldWriter().field(kDeviceFormat).field(dsn.text()).take(); }

SecretBytes encode(const Device& device) {
  wire::FieldWriter out;
  const rki::Identity& id = device.identity;
  out.number(id.suites.size());
  for (const rki::Suite suite : id.suites) out.field(rki::name_of(suite));
  out.field(id.factor.reveal()).field(id.classic_dik2.reveal());
  out.field(id.modern_dik2 ? ByteView(id.modern_dik2->reveal()) : ByteView());
  const SecretBytes key = id.device_key ? id.device_key->to_pkcs8() : SecretBytes();
  out.field(key.reveal()).number(id.device_chain.size());
  for (const pki::Certificate& certificate : id.device_chain) out.field(certificate.der());
  out.field(id.root.der()).number(static_cast<std::uint64_t>(device.set));
  out.number(static_cast<std::uint64_t>(device.parts_done)).number(static_cast<std::uint64_t>(device.parts));
  out.number(device.keys.size());
  for (const StoredKey& stored : device.keys) {
    out.field(rki::name_of(stored.slot)).number(static_cast<std::uint64_t>(stored.set));
    out.number(static_cast<std::uint64_t>(stored.part)).field(stored.usage);
    out.field(stored.version).field(stored.kcv).field(stored.key.reveal()).number(stored.confirmed ? 1 : 0);
  }
  // Last, and only where it is not what a file without it means: devices were there before it.
  if (id.staple != rki::Staple::ask) out.field(rki::name_of(id.staple));
  Bytes bytes = out.take();
  SecretBytes secret{ByteView(bytes)};
  wipe(bytes.data(), bytes.size());
  return secret;
}

Result<std::string> text_field(wire::FieldReader& in, std::size_t max) { return std::string(as_text(TF_TRY(in.field(max)))); }
Result<std::int64_t> integer_field(wire::FieldReader& in) { return static_cast<std::int64_t>(TF_TRY(in.number())); }

Status read_keys_and_policy(wire::FieldReader& in, Device& device) {
  device.set = TF_TRY(integer_field(in));
  device.parts_done = TF_TRY(integer_field(in));
  device.parts = TF_TRY(integer_field(in));
  const std::int64_t count = TF_TRY(integer_field(in));
  for (std::int64_t i = 0; i < count; ++i) {
    StoredKey stored;
    stored.slot = TF_TRY(rki::parse_slot(TF_TRY(text_field(in, 8))));
    stored.set = TF_TRY(integer_field(in));
    stored.part = TF_TRY(integer_field(in));
    stored.usage = TF_TRY(text_field(in, 2));
    stored.version = TF_TRY(text_field(in, 2));
    stored.kcv = TF_TRY(text_field(in, 6));
    stored.key = SecretBytes(TF_TRY(in.field(64)));
    stored.confirmed = TF_TRY(in.number()) == 1;
    device.keys.push_back(std::move(stored));
  }
  if (!in.finish()) device.identity.staple = TF_TRY(rki::parse_staple(TF_TRY(text_field(in, 16))));
  return in.finish();
}

Result<Device> decode(const wire::Dsn& dsn, ByteView bytes) {
  wire::FieldReader in(bytes);
  std::vector<rki::Suite> suites;
  const std::int64_t suite_count = TF_TRY(integer_field(in));
  for (std::int64_t i = 0; i < suite_count; ++i) suites.push_back(TF_TRY(rki::parse_suite(TF_TRY(text_field(in, 16)))));
  SecretBytes factor{TF_TRY(in.field(rki::kFactorMax))};
  SecretBytes classic{TF_TRY(in.field(24))};
  const ByteView modern = TF_TRY(in.field(32));
  const SecretBytes key{TF_TRY(in.field(4096))};
  std::vector<pki::Certificate> chain;
  const std::int64_t chain_size = TF_TRY(integer_field(in));
  for (std::int64_t i = 0; i < chain_size; ++i) chain.push_back(TF_TRY(pki::Certificate::from_der(TF_TRY(in.field(8192)))));
  pki::Certificate root = TF_TRY(pki::Certificate::from_der(TF_TRY(in.field(8192))));
  Device device{.identity = {.dsn = dsn, .suites = std::move(suites), .factor = std::move(factor),
                             .classic_dik2 = std::move(classic), .modern_dik2 = std::nullopt, .device_key = std::nullopt,
                             .device_chain = std::move(chain), .root = std::move(root)},
                .keys = {}};
  if (modern.size() == 32) device.identity.modern_dik2.emplace(modern.first<32>());
  if (!key.empty()) device.identity.device_key = TF_TRY(crypto::PrivateKey::from_pkcs8(key));
  TF_CHECK(read_keys_and_policy(in, device));
  return device;
}

Status write_without_sync(const std::string& path, ByteView bytes) {
  const std::string temporary = path + ".new";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) return Error{Code::unavailable, "terminal.store", "cannot write " + temporary};
  }
  std::error_code error;
  std::filesystem::permissions(temporary, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  std::filesystem::rename(temporary, path, error);
  if (error) return Error{Code::unavailable, "terminal.store", "cannot replace " + path + ": " + error.message()};
  return {};
}

}  // namespace

Status DeviceFiles::save(const Device& device) const {
  const Bytes blob = crypto::seal_blob(key_, random_, aad_of(device.identity.dsn), encode(device).reveal());
  const std::string path = path_of(device.identity.dsn);
  return durable_ ? write_file_atomic(path, blob, 0600) : write_without_sync(path, blob);
}

Result<Device> DeviceFiles::load(const wire::Dsn& dsn) const {
  if (!exists(dsn))
    return Error{Code::not_found, "terminal.not_personalised", dsn.text() + " has no store in " + directory_ + ": personalise it first"};
  const Bytes blob = TF_TRY(read_file(path_of(dsn), kMaxDeviceFile));
  const auto plain = crypto::open_blob(key_, aad_of(dsn), blob);
  if (!plain)
    return Error{Code::integrity, "terminal.store", path_of(dsn) + " was altered or is sealed under another key"};
  return decode(dsn, plain->reveal());
}

bool DeviceFiles::exists(const wire::Dsn& dsn) const { return std::filesystem::exists(path_of(dsn)); }

std::vector<wire::Dsn> DeviceFiles::list() const {
  std::vector<wire::Dsn> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored)) {
    if (entry.path().extension() != ".device") continue;
    if (auto dsn = wire::Dsn::parse(entry.path().stem().string())) out.push_back(std::move(*dsn));
  }
  std::ranges::sort(out, {}, [](const wire::Dsn& dsn) -> const std::string& { return dsn.text(); });
  return out;
}

}  // namespace tf::terminal
