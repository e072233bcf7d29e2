// A channel on which the module is selected. Private to card/onboard.
#pragma once
#include <optional>

#include "apdu/onboard.hpp"
#include "apdu/scp03.hpp"
#include "card/application.hpp"
#include "card/onboard/credentials.hpp"
#include "card/services.hpp"

namespace tf::card::onboard {

class ModuleSession final : public Session {
 public:
  explicit ModuleSession(Services& services) : services_(services) {}
  apdu::ResponseApdu selected() override;
  apdu::ResponseApdu handle(const apdu::CommandApdu& command) override;

  using Command = apdu::CommandApdu;
  struct Row {
    apdu::onboard::Ins ins;
    bool made;  // asks for a module that was made
    Answer<Bytes> (ModuleSession::*run)(const Command&);
  };

 private:
  // session.cpp
  apdu::ResponseApdu secured(const Command& command);
  apdu::ResponseApdu dispatch(const Command& command);
  Answer<Bytes> initialize_update(const Command& command);
  Answer<Bytes> claim(const Command& command);
  [[nodiscard]] Answer<apdu::scp03::StaticKeys> host_keys() const;
  [[nodiscard]] std::optional<Hash256> host() const;  // fingerprint of the host keys that hold now; none: nobody's
  [[nodiscard]] std::string serial() const;
  // module.cpp
  [[nodiscard]] bool is_made() const;
  Answer<Bytes> make(const Command& command);
  Answer<Bytes> erase_module(const Command& command);
  Answer<Bytes> read_module(const Command& command);
  Answer<Bytes> read_request(const Command& command);
  Answer<Bytes> store_certificates(const Command& command);
  Answer<Bytes> read_certificates(const Command& command);
  Answer<Bytes> sign(const Command& command);
  Answer<Bytes> unwrap(const Command& command);
  Answer<Bytes> install(const Command& command);
  Answer<Bytes> erase(const Command& command);
  Answer<Bytes> authenticate(const Command& command);
  Answer<Bytes> store_record(const Command& command);
  Answer<Bytes> read_record(const Command& command);

  Services& services_;
  apdu::scp03::CardSession channel_{};
  std::optional<Hash256> opened_with_{};  // host()
};

// Records below "onboard/"; the name's and the credentials' are in credentials.*.
inline constexpr std::string_view kHostRecord = "onboard/host";
inline constexpr std::string_view kRecords = "onboard/record/";

}  // namespace tf::card::onboard
