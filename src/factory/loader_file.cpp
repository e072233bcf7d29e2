// The loader on disk: loader.keys, sealed under the storage key.
#include "base/file.hpp"
#include "crypto/aead.hpp"
#include "factory/loader.hpp"
#include "wire/fields.hpp"

#include <filesystem>

namespace tf::factory {
namespace {

constexpr std::string_view kFormat = "trustferry/loader/1";
constexpr std::size_t kMaxFile = 4 * 1024 * 1024;

Result<std::string> text(wire::FieldReader& in, std::size_t max) { return std::string(as_text(TF_TRY(in.field(max)))); }
Result<crypto::PrivateKey> key(wire::FieldReader& in) { return crypto::PrivateKey::from_pkcs8(SecretBytes(TF_TRY(in.field(1024)))); }

}  // namespace

SecretBytes Loader::encode() const {
  wire::FieldWriter out;
  out.field(name_).field(root_.der());
  for (const crypto::PrivateKey* each : {&keys_.wrap, &keys_.issue, &keys_.log}) out.field(each->to_pkcs8().reveal());
  out.number(batches_.size());
  for (const auto& [name, batch] : batches_) {
    out.field(name).field(batch.range.from().text()).field(batch.range.to().text());
    out.field(batch.classic_dik1.reveal()).field(batch.modern_dik1.reveal()).number(batch.issuing_chain.size());
    for (const Bytes& certificate : batch.issuing_chain) out.field(certificate);
  }
  Bytes bytes = out.take();
  SecretBytes secret{ByteView(bytes)};
  wipe(bytes.data(), bytes.size());
  return secret;
}

Status Loader::save() const {
  const Bytes blob = crypto::seal_blob(storage_key_, ports_.random, as_bytes(kFormat), encode().reveal());
  return write_file_atomic(directory_ + "/loader.keys", blob, 0600);
}

Result<Loader> Loader::open(const std::string& directory, const Secret<32>& storage_key, LoaderPorts ports) {
  const std::string path = directory + "/loader.keys";
  if (!std::filesystem::exists(path))
    return Error{Code::not_found, "factory.no_loader", "there is no loader in " + directory + ": trustferry loader init makes one"};
  const Bytes blob = TF_TRY(read_file(path, kMaxFile));
  const auto plain = crypto::open_blob(storage_key, as_bytes(kFormat), blob);
  if (!plain) return Error{Code::sealed, "factory.storage_key", path + " is sealed under another key, or was altered"};
  return decode(directory, plain->reveal(), storage_key, ports);
}

Result<Loader> Loader::decode(const std::string& directory, ByteView bytes, const Secret<32>& storage_key, LoaderPorts ports) {
  wire::FieldReader in(bytes);
  std::string name = TF_TRY(text(in, 64));
  pki::Certificate root = TF_TRY(pki::Certificate::from_der(TF_TRY(in.field(8192))));
  crypto::PrivateKey wrap = TF_TRY(key(in));
  crypto::PrivateKey issue = TF_TRY(key(in));
  crypto::PrivateKey log_key = TF_TRY(key(in));
  auto log = TF_TRY(LoaderLog::open(directory + "/loader.log", log_key.public_key()));
  Loader loader(directory, std::move(name), {std::move(wrap), std::move(issue), std::move(log_key)}, std::move(root),
                std::move(log), storage_key.clone(), ports);
  const std::uint64_t count = TF_TRY(in.number());
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string batch_name = TF_TRY(text(in, 64));
    auto from = TF_TRY(wire::Dsn::parse(TF_TRY(text(in, 32))));
    auto to = TF_TRY(wire::Dsn::parse(TF_TRY(text(in, 32))));
    Batch batch{TF_TRY(wire::DsnRange::make(std::move(from), std::move(to))), SecretBytes(TF_TRY(in.field(24))),
                SecretBytes(TF_TRY(in.field(32))), {}};
    const std::uint64_t chain = TF_TRY(in.number());
    for (std::uint64_t c = 0; c < chain; ++c) batch.issuing_chain.push_back(to_bytes(TF_TRY(in.field(8192))));
    loader.batches_.emplace(batch_name, std::move(batch));
  }
  TF_CHECK(in.finish());
  return loader;
}

}  // namespace tf::factory
