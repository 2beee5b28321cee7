// Work that falls into many equal parts, done by all processors at once.
#pragma once

#include <cstddef>
#include <functional>

namespace etalon {

// Does `work(0)` to `work(count - 1)`, each once and in any order, on as many threads as there are
// processors; in this one where they are few. Throws what the first that fails throws, once all
// have stopped.
void run_on_all_processors(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace etalon
