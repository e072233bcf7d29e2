// What a phone keeps of wallet, on disk.
#include <filesystem>

#include "base/file.hpp"
#include "crypto/aead.hpp"
#include "terminal/wallet.hpp"
#include "wire/fields.hpp"

namespace tf::terminal {
namespace {

constexpr std::string_view kRegistering = "trustferry/wallet/registering/1";
constexpr std::string_view kSession = "trustferry/wallet/session/1";
constexpr std::size_t kMaxWalletFile = 64 * 1024;

Bytes aad_of(std::string_view format, const std::string& number) { return wire::FieldWriter().field(format).field(number).take(); }

SecretBytes take_secret(wire::FieldWriter& writer) {
  Bytes plain = writer.take();
  SecretBytes out{ByteView(plain)};
  wipe(plain.data(), plain.size());
  return out;
}

Result<std::string> wallet_text(wire::FieldReader& in, std::size_t max) { return std::string(as_text(TF_TRY(in.field(max)))); }

template <std::size_t N>
Result<ByteArray<N>> fixed(wire::FieldReader& in) {
  const ByteView field = TF_TRY(in.field(N));
  if (field.size() != N) return Error{Code::integrity, "terminal.store", "a field of another size"};
  ByteArray<N> out;
  std::ranges::copy(field, out.begin());
  return out;
}

SecretBytes encode(const WalletRegistering& it) {
  const auto& sent = it.sent;
  wire::FieldWriter out;
  out.field(name_of(sent.options.suite)).field(name_of(sent.options.key_maker)).number(sent.options.cost.n).number(sent.options.cost.r).number(sent.options.cost.p);
  out.field(sent.subscriber.number).field(sent.subscriber.imei).field(sent.subscriber.iccid).field(sent.nonce_p);
  const SecretBytes key = sent.key ? sent.key->to_pkcs8() : SecretBytes();
  out.field(key.reveal()).field(it.registered.registration).field(it.registered.code.reveal()).field(it.registered.nonce_p);
  return take_secret(out);
}

Result<WalletRegistering> decode_registering(ByteView bytes) {
  wire::FieldReader in(bytes);
  WalletRegistering out;
  out.sent.options.suite = TF_TRY(wallet::parse_suite(TF_TRY(wallet_text(in, 16))));
  out.sent.options.key_maker = TF_TRY(wallet::parse_key_maker(TF_TRY(wallet_text(in, 16))));
  out.sent.options.cost.n = TF_TRY(in.number());
  out.sent.options.cost.r = static_cast<std::uint32_t>(TF_TRY(in.number()));
  out.sent.options.cost.p = static_cast<std::uint32_t>(TF_TRY(in.number()));
  out.sent.subscriber = {TF_TRY(wallet_text(in, 32)), TF_TRY(wallet_text(in, 32)), TF_TRY(wallet_text(in, 32))};
  out.sent.nonce_p = TF_TRY(wallet_text(in, 1024));
  const SecretBytes key{TF_TRY(in.field(4096))};
  if (!key.empty()) out.sent.key = TF_TRY(crypto::PrivateKey::from_pkcs8(key));
  out.registered.registration = TF_TRY(wallet_text(in, 64));
  out.registered.code = SecretBytes(TF_TRY(in.field(64)));
  out.registered.nonce_p = TF_TRY(wallet_text(in, 1024));
  TF_CHECK(in.finish());
  return out;
}

SecretBytes encode(const wallet::PhoneSession& session, std::int64_t expires_ms) {
  wire::FieldWriter out;
  out.field(name_of(session.suite)).field(session.id).field(session.certificate).field(session.message_key.reveal()).field(session.pin_key.reveal());
  out.number(static_cast<std::uint64_t>(expires_ms));
  return take_secret(out);
}

}  // namespace

Status WalletFiles::save(const std::string& number, const WalletRegistering& registering) const {
  return write_file_atomic(path_of(number, "registering"), crypto::seal_blob(key_, random_, aad_of(kRegistering, number), encode(registering).reveal()), 0600);
}

Result<WalletRegistering> WalletFiles::load_registering(const std::string& number) const {
  const auto blob = read_file(path_of(number, "registering"), kMaxWalletFile);
  if (!blob) return Error{Code::not_found, "terminal.not_registering", number + " has not registered in " + directory_ + ": terminal wallet register"};
  const auto plain = crypto::open_blob(key_, aad_of(kRegistering, number), *blob);
  if (!plain) return Error{Code::integrity, "terminal.store", path_of(number, "registering") + " was altered or is sealed under another key"};
  return decode_registering(plain->reveal());
}

Status WalletFiles::save_file(const std::string& number, ByteView pkcs12) const {
  TF_CHECK(write_file_atomic(path_of(number, "p12"), pkcs12, 0600));
  std::error_code ignored;
  std::filesystem::remove(path_of(number, "registering"), ignored);
  std::filesystem::remove(path_of(number, "session"), ignored);
  return {};
}

Result<Bytes> WalletFiles::load_file(const std::string& number) const {
  auto file = read_file(path_of(number, "p12"), kMaxWalletFile);
  if (!file) return Error{Code::not_found, "terminal.not_activated", number + " has no certificate file in " + directory_ + ": terminal wallet activate"};
  return file;
}

Status WalletFiles::save(const wallet::PhoneSession& session, std::int64_t expires_ms) const {
  return write_file_atomic(path_of(session.number, "session"), crypto::seal_blob(key_, random_, aad_of(kSession, session.number), encode(session, expires_ms).reveal()), 0600);
}

Result<wallet::PhoneSession> WalletFiles::load_session(const std::string& number, std::int64_t now_ms) const {
  const Error none{Code::not_found, "terminal.not_logged_in", number + " is not logged in: terminal wallet login"};
  const auto blob = read_file(path_of(number, "session"), kMaxWalletFile);
  if (!blob) return none;
  const auto plain = crypto::open_blob(key_, aad_of(kSession, number), *blob);
  if (!plain) return Error{Code::integrity, "terminal.store", path_of(number, "session") + " was altered or is sealed under another key"};
  wire::FieldReader in(plain->reveal());
  wallet::PhoneSession out;
  out.suite = TF_TRY(wallet::parse_suite(TF_TRY(wallet_text(in, 16))));
  out.id = TF_TRY(wallet_text(in, 64));
  out.number = number;
  out.certificate = TF_TRY(fixed<32>(in));
  const SecretBytes message_key{TF_TRY(in.field(32))};
  if (message_key.size() != 32) return Error{Code::integrity, "terminal.store", "a field of another size"};
  out.message_key = Secret<32>(message_key.reveal().first<32>());
  out.pin_key = SecretBytes(TF_TRY(in.field(32)));
  const auto expires = static_cast<std::int64_t>(TF_TRY(in.number()));
  TF_CHECK(in.finish());
  if (now_ms >= expires) return none;
  out.expires_in_s = (expires - now_ms) / 1000;
  return out;
}

}  // namespace tf::terminal
