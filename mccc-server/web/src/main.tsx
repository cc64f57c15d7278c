import { RouterProvider } from "@tanstack/react-router";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/queries";
import { applyTheme, savedTheme } from "./lib/theme";
import { signInWhenEnded, startRouter } from "./router";
import "./styles/tokens.css";
import "./styles/base.css";
import "./ui/ui.css";

applyTheme(savedTheme());

const client = queryClient();
const router = startRouter(client);
signInWhenEnded(client, router);

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
