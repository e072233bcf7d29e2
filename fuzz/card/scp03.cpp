// Commands inside a secure channel. Octets of nobody's are refused and end the session; what the host wrapped the card reads as it was, and the other way.
#include <cstdlib>

#include "apdu/scp03.hpp"
#include "fuzz/round_trip.hpp"

using namespace tf;
using namespace tf::apdu;
using namespace tf::apdu::scp03;
using fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SystemRandom random;
  const StaticKeys keys{SecretBytes(ByteView(Bytes(16, 1))), SecretBytes(ByteView(Bytes(16, 2))), SecretBytes(ByteView(Bytes(16, 3)))};
  const ByteView in(data, size);
  const auto command = CommandApdu::parse(in);

  auto host = *HostSession::begin(keys, random);
  CardSession card;
  (void)host.external_authenticate(ResponseApdu(to_bytes(in)));
  host = *HostSession::begin(keys, random);
  const ResponseApdu first(*card.initialize_update(host.initialize_update(), keys, {}, random));
  const auto proof = host.external_authenticate(first);
  demand(proof.has_value());
  if (command) {
    CardSession probe;
    (void)probe.initialize_update(host.initialize_update(), keys, {}, random);
    demand(probe.external_authenticate(*command) != StatusWord::ok);
  }
  demand(card.external_authenticate(*proof) == StatusWord::ok && host.established(ResponseApdu()).has_value());
  if (!command || command->data.size() > 8192) return 0;

  const CommandApdu plain{.cla = command->base_class(), .ins = command->ins, .p1 = command->p1, .p2 = command->p2, .data = command->data};
  const auto wrapped = host.wrap(plain);
  demand(wrapped.has_value());
  const auto read = card.unwrap(*wrapped);
  demand(read.has_value() && read->data == plain.data && read->ins == plain.ins);
  const auto answer = card.wrap(ResponseApdu(plain.data));
  demand(answer.has_value() && host.unwrap(*answer)->data == plain.data);

  demand(!card.unwrap(*command).has_value() && !card.is_open());
  (void)host.wrap(plain);
  const auto forged = host.unwrap(ResponseApdu(plain.data));
  demand(!forged.has_value() && !host.is_open());
  return 0;
}
