// The card register: manufacturers, their cards, and whose they are. Operators' acts, each audited with its writes.
#pragma once
#include <string>
#include <vector>

#include "ca/certificate_authority.hpp"
#include "platform/cardsign/known_payers.hpp"
#include "platform/cardsign/store.hpp"
#include "platform/context.hpp"

namespace tf::platform {

// Whom a card's certificates are for, in the authority's register.
inline std::string card_holder(const std::string& serial) { return "card:" + serial; }

class CardRegister {
 public:
  CardRegister(Context& context, ca::CertificateAuthority& authority, cardsign::Policy policy) : context_(context), authority_(authority), policy_(std::move(policy)) {}

  // Cards that paid lately. What is done to a card here is forgotten there.
  [[nodiscard]] const std::shared_ptr<KnownPayers>& payers() const { return payers_; }

  // A manufacturer's root. Code::refused "cardsign.manufacturer" unless it is a self-signed authority.
  Result<ManufacturerRow> add_manufacturer(const std::string& actor, const std::string& name, const pki::Certificate& root);
  [[nodiscard]] Result<std::vector<ManufacturerRow>> manufacturers() const;
  [[nodiscard]] Result<std::vector<pki::Certificate>> manufacturer_roots() const;

  // A record, a JWE to the record key; the card's serial. Code::refused "cardsign.record", "cardsign.attestation" (its certificates do not come from
  // a manufacturer we know); Code::conflict "cardsign.card_known".
  Result<std::string> import(const std::string& actor, std::string_view jwe);

  // For its container; the enrolment code, which is not kept. Code::conflict "cardsign.assigned", "cardsign.withdrawn"; Code::not_found "cardsign.no_card".
  struct Assigned {
    SecretBytes code;
    std::int64_t ends_ms = 0;
  };
  Result<Assigned> assign(const std::string& actor, const std::string& serial, std::uint8_t container, const std::string& user);

  // A container for a further person, which the next enrolment with the code makes on the card. container 0: the next free one. The PUK is the person's, to set a
  // PIN by; it is kept, sealed, until the container is on the card. For the same person once more: another code, the same PUK. Code::conflict as order_container().
  struct Ordered {
    Assigned assigned;
    std::uint8_t container = 0;
    SecretBytes puk;  // 8 characters
  };
  Result<Ordered> add_container(const std::string& actor, const std::string& serial, std::uint8_t container, const std::string& user);

  // A further person off the card: from here on nothing of theirs is taken, and the container is deleted at the card's next session. Said again, the same.
  // Code::conflict "cardsign.first_container" for container 0, which is the card's own person's; errors of order_removal().
  struct Removed {
    std::string user;
    bool waits = false;        // for the card
    std::int64_t revoked = 0;  // certificates
  };
  Result<Removed> remove_container(const std::string& actor, const std::string& serial, std::uint8_t container);

  // Also revokes its certificates; how many.
  Result<std::int64_t> withdraw(const std::string& actor, const std::string& serial);
  // Certificates for the keys that it has, queued for the way over the air; how many.
  Result<std::int64_t> renew(const std::string& actor, const std::string& serial);

  // Where short messages for it go: 7 to 15 digits with the country code, "" for nowhere. Code::invalid "cardsign.number"; Code::conflict "cardsign.number_taken".
  Status set_number(const std::string& actor, const std::string& serial, const std::string& number);

  struct Shown {
    StoredCard card;
    std::vector<Holder> holders;
    std::vector<SlotRow> slots;
    std::int64_t updates = 0;  // waiting
    std::string number = {};   // "" for none
  };
  [[nodiscard]] Result<Shown> show(const std::string& serial) const;
  [[nodiscard]] Result<std::vector<Shown>> list(const std::string& after, std::int64_t limit) const;

  // Of the vault, for one session.
  [[nodiscard]] Result<apdu::scp03::StaticKeys> scp03_keys(const StoredCard& card) const;
  [[nodiscard]] Result<apdu::ota::Keys> ota_keys(const StoredCard& card) const;
  [[nodiscard]] Result<SecretBytes> puk(const std::string& serial, std::uint8_t container, const ContainerRow& row) const;

 private:
  [[nodiscard]] Result<Bytes> check_preset(const cardsign::CardRecord& record, const std::vector<pki::Certificate>& roots) const;
  Context& context_;
  ca::CertificateAuthority& authority_;
  const cardsign::Policy policy_;
  const std::shared_ptr<KnownPayers> payers_ = std::make_shared<KnownPayers>();
};

// 26 of A–Z 2–7: 130 bits.
SecretBytes make_enrolment_code(Random& random);
// 8 of them; a card allows three tries.
SecretBytes make_puk(Random& random);
Hash256 enrolment_code_hash(std::string_view code);

}  // namespace tf::platform
