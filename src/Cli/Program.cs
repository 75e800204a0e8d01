Console.Error.WriteLine("inrfast");
return 64;
