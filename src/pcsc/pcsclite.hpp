// PC/SC by libpcsclite, the library of pcscd. The connection to pcscd is made when it is first needed, and anew after pcscd was started again.
#pragma once
#include <memory>

#include "pcsc/library.hpp"

namespace tf::pcsc {

class Pcsclite final : public Library {
 public:
  Pcsclite();
  ~Pcsclite() override;
  Rc list_readers(std::vector<std::string>& out) override;
  Rc wait_for_change(std::vector<ReaderState>& states, std::chrono::milliseconds at_most) override;
  Rc connect(const std::string& reader, Handle& out) override;
  Rc begin(Handle card) override;
  Rc end(Handle card) override;
  Rc transmit(Handle card, ByteView command, Bytes& answer) override;
  Rc reset(Handle card) override;
  void disconnect(Handle card) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tf::pcsc
