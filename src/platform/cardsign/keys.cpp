#include "platform/cardsign/keys.hpp"

namespace tf::platform {
namespace {

Status ensure(vault::Vault& vault, const char* name, vault::Purpose purpose) {
  if (vault.public_key(name)) return {};
  return TF_TRY(vault.generate(name, crypto::KeyKind::p256, 0, purpose)), Status();
}

std::int64_t half_life(std::int64_t from, std::int64_t to) { return from + (to - from) / 2; }

}  // namespace

Result<std::unique_ptr<CardsignKeys>> CardsignKeys::open(Context& context, ca::CertificateAuthority& authority, std::string platform) {
  TF_CHECK(ensure(context.vault, cardsign_key::server, vault::Purpose::sign));
  TF_CHECK(ensure(context.vault, cardsign_key::records, vault::Purpose::agree));
  std::unique_ptr<CardsignKeys> out(new CardsignKeys(context, authority, std::move(platform)));
  TF_CHECK(out->renew());
  return out;
}

Result<std::string> CardsignKeys::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

// The newest certificate that has half of its life before it, or a new one.
Result<cardsign::PublishedChain> CardsignKeys::server_chain() {
  const std::string holder = std::string("platform:") + cardsign_key::server;
  const std::int64_t now = context_.clock.now_ms();
  std::optional<ca::Record> best;
  for (const ca::Record& record : TF_TRY(authority_.list({.holder = holder, .state = ca::State::issued, .limit = 1000})))
    if (!best || record.not_after_ms > best->not_after_ms) best = record;
  if (best && now < half_life(best->not_before_ms, best->not_after_ms)) {
    renew_ms_ = half_life(best->not_before_ms, best->not_after_ms);
    return cardsign::PublishedChain{.kid = cardsign_key::server,
                                    .chain = {TF_TRY(authority_.show(best->serial_hex)).der, TF_TRY(authority_.authority(best->authority)).certificate.der()}};
  }
  auto issued = TF_TRY(authority_.issue({.profile = "cardsign-server", .holder = holder, .names = {.subject = {{"commonName", platform_}}, .alternative = {}},
                                         .key = TF_TRY(context_.vault.public_key(cardsign_key::server)), .actor = "system"}));
  renew_ms_ = half_life(issued.not_before_ms, issued.not_after_ms);
  return cardsign::PublishedChain{.kid = cardsign_key::server, .chain = {std::move(issued.der), TF_TRY(authority_.authority(issued.authority)).certificate.der()}};
}

Status CardsignKeys::renew() {
  const std::lock_guard lock(mutex_);
  if (!published_.empty() && context_.clock.now_ms() < renew_ms_) return {};
  cardsign::PlatformKeys keys{.platform = platform_, .results = {}};
  keys.results.push_back(TF_TRY(server_chain()));
  published_ = cardsign::encode(keys);
  return {};
}

Result<cardsign::CardRecord> open_card_record(const vault::Vault& vault, std::string_view jwe) {
  const crypto::JweRecipient recipient{.kind = crypto::KeyKind::p256,
                                       .agree = [&](const crypto::PublicKey& ephemeral) { return vault.ecdh_p256(cardsign_key::records, ephemeral); }, .decrypt = {}};
  const auto content = crypto::jwe_open(recipient, "", cardsign::typ::record, jwe);
  if (!content) return Error{Code::refused, "cardsign.record", "not a record sealed to this platform's record key: " + describe(content.error())};
  return cardsign::decode_card_record(*content);
}

}  // namespace tf::platform
