// A card in a reader, over PC/SC. It is shared with other programs (a browser's TLS, say), so that a batch of commands which belong
// together is carried out under hold(): nobody comes between them. Not longer: whoever else wants the card waits meanwhile.
#pragma once
#include <memory>
#include <string>

#include "apdu/channel.hpp"
#include "pcsc/reader.hpp"

namespace tf::pcsc {

class PcscChannel final : public apdu::Channel {
 public:
  // Errors of reader.hpp. The library outlives the channel.
  static Result<std::unique_ptr<PcscChannel>> open(Library& library, const std::string& reader);
  ~PcscChannel() override;
  PcscChannel(const PcscChannel&) = delete;
  PcscChannel& operator=(const PcscChannel&) = delete;

  // Errors of reader.hpp; after one of them the channel is worth nothing, open another. Code::malformed "apdu.response".
  Result<Bytes> transmit(ByteView command) override;
  // Nobody else has the card until what is given here is gone. Waits for whoever has it now.
  Result<std::shared_ptr<void>> hold();
  // Power off and on: the card forgets everything, and an open channel that another program's reset made worthless is good again.
  Status reset();
  [[nodiscard]] const std::string& reader() const { return reader_; }

 private:
  PcscChannel(Library& library, std::string reader, Handle card) : library_(library), reader_(std::move(reader)), card_(card) {}
  Library& library_;
  std::string reader_;
  Handle card_;
};

}  // namespace tf::pcsc
