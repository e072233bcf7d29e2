// PC/SC as a test writes it: readers and cards that come and go at a moment of its choosing, and other programs at the same card.
#pragma once
#include <deque>
#include <functional>
#include <map>

#include "pcsc/library.hpp"
#include "tests/support/deterministic.hpp"

namespace tf::test {

class ScriptedPcsc final : public pcsc::Library {
 public:
  using Answerer = std::function<Bytes(ByteView)>;
  struct Slot {
    bool card = false;
    bool mute = false;
    bool exclusive = false;  // of another program
    Answerer answer = {};
  };

  explicit ScriptedPcsc(FixedClock& clock) : clock_(clock) {}

  std::map<std::string, Slot> readers;
  bool service = true;             // pcscd runs
  bool allowed = true;             // polkit
  std::deque<std::function<void()>> while_waiting;  // what happens in the next waits, one each
  std::function<void(int nth)> before_transmit;     // nth: 1, 2, … of all
  std::vector<Bytes> sent;
  int held = 0;        // transactions open
  int transactions = 0;
  int connected = 0;
  int resets = 0;

  // What happens to a card that somebody is connected to.
  void pull_card(const std::string& reader) { readers.at(reader).card = false; }
  void pull_reader(const std::string& reader) { readers.erase(reader); }
  void reset_card() { reset_ = true; }  // by another program

  pcsc::Rc list_readers(std::vector<std::string>& out) override;
  pcsc::Rc wait_for_change(std::vector<pcsc::ReaderState>& states, std::chrono::milliseconds at_most) override;
  pcsc::Rc connect(const std::string& reader, pcsc::Handle& out) override;
  pcsc::Rc begin(pcsc::Handle card) override;
  pcsc::Rc end(pcsc::Handle card) override;
  pcsc::Rc transmit(pcsc::Handle card, ByteView command, Bytes& answer) override;
  pcsc::Rc reset(pcsc::Handle card) override;
  void disconnect(pcsc::Handle card) override;

 private:
  [[nodiscard]] pcsc::Rc state_of(pcsc::Handle card) const;
  [[nodiscard]] std::uint32_t state_of(const std::string& reader) const;

  FixedClock& clock_;
  std::map<pcsc::Handle, std::string> handles_;
  pcsc::Handle next_ = 1;
  bool reset_ = false;
};

}  // namespace tf::test
