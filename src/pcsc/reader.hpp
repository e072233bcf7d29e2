// Readers and the cards in them, as the person at the keyboard sees them.
//
// Errors, each with what to do in its detail:
//   Code::unavailable "pcsc.no_service"    pcscd does not run, or stopped meanwhile
//                     "pcsc.no_reader"     no reader at all, or not the one named
//                     "pcsc.no_card"       a reader and nothing in it
//                     "pcsc.removed"       the card was pulled out
//                     "pcsc.reset"         another program reset the card, which has forgotten what went before
//                     "pcsc.unresponsive"  the card does not answer: wrongly inserted, or broken
//                     "pcsc.failed"        anything else, with PC/SC's number
//   Code::conflict    "pcsc.in_use"        another program has the card for itself
//   Code::denied      "pcsc.denied"        the system does not let this user at the readers
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "base/result.hpp"
#include "pcsc/library.hpp"

namespace tf::pcsc {

struct Reader {
  std::string name;
  bool card = false;    // one is in it, and answers
  bool in_use = false;  // by a program that has it for itself
  Bytes atr = {};
};

Error to_error(Rc rc, const std::string& reader);

// In the order of pcscd. None is no error.
Result<std::vector<Reader>> list_readers(Library& library);
// The reader to use: the one named, which may have no card, or the first with a card. "pcsc.no_reader", "pcsc.no_card".
Result<Reader> find_card(Library& library, const std::string& name);
// The same, but waits so long for the reader and the card to come. stop is asked every second.
Result<Reader> wait_for_card(Library& library, const Clock& clock, const std::string& name, std::chrono::milliseconds at_most,
                             const std::function<bool()>& stop = {});

}  // namespace tf::pcsc
