// A channel on which the shield is selected. Private to card/shield.
#pragma once
#include <optional>

#include "apdu/pin_envelope.hpp"
#include "apdu/scp03.hpp"
#include "card/application.hpp"
#include "card/ota/inbox.hpp"
#include "card/shield/names.hpp"
#include "card/shield/slots.hpp"

namespace tf::card::shield {

class ShieldSession final : public Session {
 public:
  explicit ShieldSession(Services& services) : services_(services), slots_(services), inbox_(services) {}
  apdu::ResponseApdu selected() override;
  apdu::ResponseApdu handle(const apdu::CommandApdu& command) override;

  using Command = apdu::CommandApdu;
  // What a command asks of who sends it.
  enum class Asks { nothing, secure_channel, pin_or_secure_channel };
  struct Row {
    std::uint8_t cla;
    std::uint8_t ins;
    Asks asks;
    Answer<Bytes> (ShieldSession::*run)(const Command&);
  };

 private:
  // session.cpp
  apdu::ResponseApdu secured(const Command& command);
  apdu::ResponseApdu dispatch(const Command& command);
  Answer<Bytes> initialize_update(const Command& command);
  Answer<Bytes> envelope(const Command& command);
  static const Row* row_of(const Command& command);
  // objects.cpp
  Answer<Bytes> get_data(const Command& command);
  Answer<Bytes> set_container(const Command& command);
  void use_container(std::uint8_t container);  // nothing is proved for it yet
  void leave_deleted_container();
  Answer<Bytes> read_certificate(const Command& command);
  Answer<Bytes> read_public_key(const Command& command);
  Answer<Bytes> read_records(const Command& command);
  // enrol.cpp
  Answer<Bytes> generate_key(const Command& command);
  Answer<Bytes> read_request(const Command& command);
  Answer<Bytes> read_attestation(const Command& command);
  Answer<Bytes> store_certificate(const Command& command);
  Answer<Bytes> create_container(const Command& command);
  Answer<Bytes> delete_container(const Command& command);
  // pay.cpp
  Answer<Bytes> prepare_payment(const Command& command);
  Answer<Bytes> sign_payment(const Command& command);
  Answer<Bytes> sign_hash(const Command& command);
  Answer<Bytes> reset_retry_counter(const Command& command);
  Answer<apdu::PinLetter> open_envelope(ByteView envelope, const apdu::CardNonce& nonce, const Hash256& bound_to, bool with_puk);
  Answer<apdu::CardNonce> take_nonce();
  Answer<std::uint64_t> remember(const apdu::shield::PaymentRecord& record);
  // iso_files.cpp, iso_crypto.cpp: the forms of ISO/IEC 7816-4 and -8
  Answer<Bytes> select_file(const Command& command);
  Answer<Bytes> read_binary(const Command& command);
  Answer<Bytes> verify(const Command& command);
  Answer<Bytes> change_reference_data(const Command& command);
  Answer<Bytes> get_challenge(const Command& command);
  Answer<Bytes> manage_environment(const Command& command);
  Answer<Bytes> perform(const Command& command);
  Answer<Bytes> compute_signature(ByteView hash);
  Answer<Bytes> verify_signature(ByteView data);
  Answer<Bytes> encipher(ByteView plain);
  Answer<Bytes> decipher(ByteView data);
  Answer<Bytes> generate_pair(const Command& command);
  Answer<Slot> current_slot() const;
  Done check_pin_policy(Slot slot) const;

  // The counter of payments as it is kept.
  [[nodiscard]] std::uint64_t counter() const;

  Services& services_;
  Slots slots_;
  ota::Inbox inbox_;
  apdu::scp03::CardSession channel_;
  std::uint8_t container_ = kOwner;
  std::uint32_t deletions_ = 0;  // of container_, when it was set
  std::optional<apdu::CardNonce> nonce_{};
  std::optional<Slot> environment_{};  // MSE
  std::optional<Slot> file_{};         // SELECT of a certificate's file
  bool pin_ = false;                   // of the container that is set
  bool pin_fresh_ = false;             // VERIFY was the command before this one
  bool was_fresh_ = false;
};

// P2 of the commands that are for one slot; P1 is 0.
Answer<Slot> slot_in(const apdu::CommandApdu& command);

}  // namespace tf::card::shield
