// The platform's own keys for cardsign, in the vault: what signs displays and results, with its certificate, which terminals check up to
// their pinned root (renewed at half of its life); and what manufacturers seal card records to.
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "ca/certificate_authority.hpp"
#include "platform/context.hpp"
#include "protocols/cardsign/messages.hpp"

namespace tf::platform {

namespace cardsign_key {
inline constexpr const char* server = "cardsign.server";
inline constexpr const char* records = "cardsign.records";
}  // namespace cardsign_key

class CardsignKeys {
 public:
  // Makes what is missing. Profile "cardsign-server" issues the certificate.
  static Result<std::unique_ptr<CardsignKeys>> open(Context& context, ca::CertificateAuthority& authority, std::string platform);

  // The body of GET keys.
  [[nodiscard]] Result<std::string> published() const;
  Status renew();

 private:
  CardsignKeys(Context& context, ca::CertificateAuthority& authority, std::string platform)
      : context_(context), authority_(authority), platform_(std::move(platform)) {}
  Result<cardsign::PublishedChain> server_chain();

  Context& context_;
  ca::CertificateAuthority& authority_;
  const std::string platform_;
  mutable std::mutex mutex_;
  std::string published_;
  std::int64_t renew_ms_ = 0;
};

// A manufacturer's record, opened. Code::refused "cardsign.record" when it was not sealed to our record key.
Result<cardsign::CardRecord> open_card_record(const vault::Vault& vault, std::string_view jwe);

}  // namespace tf::platform
