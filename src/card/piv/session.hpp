// A channel on which PIV is selected: what was proved on it, and the commands. Private to card/piv.
#pragma once
#include "card/application.hpp"
#include "card/piv/names.hpp"
#include "card/services.hpp"

namespace tf::card::piv {

class PivSession final : public Session {
 public:
  explicit PivSession(Services& services) : services_(services) {}
  apdu::ResponseApdu selected() override;
  apdu::ResponseApdu handle(const apdu::CommandApdu& command) override;

 private:
  using Command = apdu::CommandApdu;
  apdu::ResponseApdu dispatch(const Command& command);

  // objects.cpp
  Answer<Bytes> get_data(const Command& command);
  Done put_data(const Command& command);
  // pins.cpp
  Done verify(const Command& command);
  Done change_reference_data(const Command& command);
  Done reset_retry_counter(const Command& command);
  Done set_retries(const Command& command);
  // keys.cpp
  Answer<Bytes> generate(const Command& command);
  Done import_key(const Command& command);
  Answer<Bytes> metadata(const Command& command);
  Answer<Bytes> serial_number(const Command& command);
  // authenticate.cpp
  Answer<Bytes> general_authenticate(const Command& command);
  Answer<Bytes> use_key(const Command& command, ByteView parts);
  // administrator.cpp
  Answer<Bytes> authenticate_administrator(const Command& command, ByteView parts);
  Answer<Bytes> witness(std::uint8_t cipher);
  Answer<Bytes> answer_witness(std::uint8_t cipher, ByteView witness, ByteView challenge);
  Answer<Bytes> challenge(std::uint8_t cipher);
  Done answer_challenge(std::uint8_t cipher, ByteView response);
  Done set_administrator(const Command& command);

  [[nodiscard]] Met met() const { return {.pin = pin_, .administrator = administrator_}; }

  // What the host has to answer to: once, and with the cipher it was made for.
  struct Asked {
    enum class Kind { none, witness, challenge } kind = Kind::none;
    std::uint8_t cipher = 0;
    SecretBytes value{};
  };
  Services& services_;
  bool pin_ = false;
  bool pin_fresh_ = false;  // VERIFY was the command before this one (9C)
  bool administrator_ = false;
  Asked asked_;
};

}  // namespace tf::card::piv
