// Over the air (ETSI TS 102 225, apdu/secured_packet.hpp): an ENVELOPE brings a secured packet, the answer is its proof of receipt. A packet is carried out when
// checksum, TAR and counter are right: the counter, what its commands changed and the proof are one transaction. Its commands are carried out all or not
// at all. The newest packet once more gives the same proof and changes nothing; an older one, or another one with the counter of the newest, is told counter_low.
//
// Inside, in class 80 and without a PIN: SET CONTAINER, STORE CERTIFICATE, READ CERTIFICATE, READ PUBLIC KEY (apdu/shield.hpp).
#pragma once
#include "apdu/secured_packet.hpp"
#include "card/services.hpp"

namespace tf::card::ota {

class Receiver {
 public:
  explicit Receiver(Services& services) : services_(services) {}
  // data: of the ENVELOPE. The response packet; 6A80 for what is no command packet, 6A88 when the card has no keys for it.
  Answer<Bytes> envelope(ByteView data);

 private:
  Answer<Bytes> carry_out(const apdu::ota::CommandPacket& packet, const apdu::ota::Keys& keys);
  Status settle(const apdu::ota::CommandPacket& packet, const Bytes& proof);
  Services& services_;
};

}  // namespace tf::card::ota
