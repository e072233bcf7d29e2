// The sealed file of an AccessDevice.
#include "base/file.hpp"
#include "crypto/aead.hpp"
#include "terminal/access.hpp"
#include "wire/fields.hpp"

namespace tf::terminal {
namespace {

constexpr std::string_view kFormat = "trustferry/access/2";
constexpr std::size_t kMaxFile = 64 * 1024;

Bytes aad_of(const std::string& did, const std::string& service) { return wire::FieldWriter().field(kFormat).field(did).field(service).take(); }

SecretBytes encode(const AccessDevice& device) {
  const access::Identity& id = device.identity;
  wire::FieldWriter out;
  out.field(name_of(id.suite)).number(id.did_beside ? 1 : 0).field(id.msisdn).field(id.info).field(id.platform_kid).field(id.platform_key.spki()).field(id.code);
  const SecretBytes key = id.device_key ? id.device_key->to_pkcs8() : SecretBytes();
  out.field(key.reveal()).number(id.device_chain.size());
  for (const Bytes& certificate : id.device_chain) out.field(certificate);
  out.number(device.binding ? 1 : 0);
  if (device.binding) {
    out.field(device.binding->key_id).number(static_cast<std::uint64_t>(device.binding->key_time_ms)).field(device.binding->dkey.reveal())
        .field(device.binding->private_apn);
  }
  Bytes bytes = out.take();
  SecretBytes secret{ByteView(bytes)};
  wipe(bytes.data(), bytes.size());
  return secret;
}

Result<std::string> text(wire::FieldReader& in, std::size_t max) { return std::string(as_text(TF_TRY(in.field(max)))); }

Result<AccessDevice> decode(const std::string& did, const std::string& service, ByteView bytes) {
  wire::FieldReader in(bytes);
  const access::Suite suite = TF_TRY(access::parse_suite(TF_TRY(text(in, 16))));
  const bool did_beside = TF_TRY(in.number()) == 1;
  const std::string msisdn = TF_TRY(text(in, 15));
  const std::string info = TF_TRY(text(in, access::kInfoMax));
  const std::string kid = TF_TRY(text(in, 64));
  auto platform_key = TF_TRY(crypto::PublicKey::from_spki(TF_TRY(in.field(2048))));
  const std::string code = TF_TRY(text(in, 64));
  const SecretBytes device_key{TF_TRY(in.field(4096))};
  AccessDevice out{.identity = {.suite = suite, .did_beside = did_beside, .did = did, .service = service, .msisdn = msisdn, .info = info, .platform_kid = kid,
                                .platform_key = std::move(platform_key), .device_key = {}, .device_chain = {}, .code = code},
                   .binding = {}};
  if (!device_key.empty()) out.identity.device_key = TF_TRY(crypto::PrivateKey::from_pkcs8(device_key));
  const std::uint64_t chain = TF_TRY(in.number());
  for (std::uint64_t i = 0; i < chain; ++i) out.identity.device_chain.push_back(to_bytes(TF_TRY(in.field(8192))));
  if (TF_TRY(in.number()) == 1) {
    access::Binding binding{.key_id = TF_TRY(text(in, 64)), .key_time_ms = static_cast<std::int64_t>(TF_TRY(in.number())), .dkey = {}, .private_apn = {}};
    binding.dkey = SecretBytes(TF_TRY(in.field(access::kDkeyMax)));
    if (binding.dkey.size() != access::dkey_size(suite)) return Error{Code::integrity, "terminal.store", "a DKey of another size"};
    binding.private_apn = TF_TRY(text(in, access::kApnMax));
    out.binding.emplace(std::move(binding));
  }
  TF_CHECK(in.finish());
  return out;
}

}  // namespace

Status AccessFiles::save(const AccessDevice& device) const {
  const access::Identity& id = device.identity;
  return write_file_atomic(path_of(id.did, id.service), crypto::seal_blob(key_, random_, aad_of(id.did, id.service), encode(device).reveal()), 0600);
}

Result<AccessDevice> AccessFiles::load(const std::string& did, const std::string& service) const {
  const auto blob = read_file(path_of(did, service), kMaxFile);
  if (!blob) return Error{Code::not_found, "terminal.not_initialised", did + " has no binding for service " + service + " in " + directory_ + ": terminal access init"};
  const auto plain = crypto::open_blob(key_, aad_of(did, service), *blob);
  if (!plain) return Error{Code::integrity, "terminal.store", path_of(did, service) + " was altered or is sealed under another key"};
  return decode(did, service, plain->reveal());
}

}  // namespace tf::terminal
